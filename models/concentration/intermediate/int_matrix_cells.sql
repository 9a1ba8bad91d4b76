{%- set pairs = matrix_pairs() -%}

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
        {% for dimension in matrix_dimensions() -%}
        {{ row_dimension(dimension) }} as {{ dimension }}_id,
        {% endfor -%}
        interactions.interaction_type,
        interactions.revenue
    from interactions
    left join customers on interactions.customer_id = customers.customer_id
    left join products on interactions.product_id = products.product_id
)

select
    {{ grouped_pair(pairs, 'name') }} as matrix,
    {{ grouped_pair(pairs, 'row_id') }} as row_id,
    {{ grouped_pair(pairs, 'column_id') }} as column_id,
    {{ measure_sums() }}
from described
group by grouping sets ( -- noqa: PRS
    {%- for pair in pairs %}
    ({{ pair.row }}_id, {{ pair.column }}_id){{ ',' if not loop.last }}
    {%- endfor %}
)
