with

interactions as (
    select * from {{ ref('interactions') }}
),

customers as (
    select * from {{ ref('customers') }}
),

products as (
    select * from {{ ref('products') }}
),

described as (
    select
        {%- for dimension in matrix_dimensions() %}
        {{ row_dimension_key(dimension) }} as {{ dimension }}_key,
        {%- endfor %}
        interactions.interaction_type,
        interactions.revenue
    from interactions
    left join customers on interactions.customer_id = customers.customer_id
    left join products on interactions.product_id = products.product_id
),

-- One pass over the rows: whatever pairs are asked for, they are sums of these.
combinations as (
    select
        {%- for dimension in matrix_dimensions() %}
        {{ dimension }}_key,
        {%- endfor %}
        {{ measure_sums() }}
    from described
    group by {{ matrix_dimensions() | join('_key, ') }}_key
),

pairs as (
    {%- for pair in matrix_pairs() %}
    select
        '{{ pair.row }} x {{ pair.column }}' as matrix,
        {{ dimension_text(pair.row, pair.row ~ '_key') }} as row_id,
        {{ dimension_text(pair.column, pair.column ~ '_key') }} as column_id,
        {{ measure_rollup() }}
    from combinations
    group by {{ pair.row }}_key, {{ pair.column }}_key
    {{ 'union all' if not loop.last }}
    {%- endfor %}
)

select * from pairs
