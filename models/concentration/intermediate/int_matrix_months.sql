{{ config(
    materialized=kept_table(),
    pre_hook="{{ forget_stale('int_month_files', ['month_start', 'described_key']) }}"
) }}

with

interactions as (
    select * from {{ ref('interactions') }}
    where {{ is_to_sum('int_month_files', {'month_start': month_of('interacted_at')}) }}
),

customers as (
    select * from {{ ref('customers') }}
),

products as (
    select * from {{ ref('products') }}
),

month_files as (
    select * from {{ ref('int_month_files') }}
),

described as (
    select
        {%- for dimension in matrix_dimensions() %}
        {{ row_dimension_key(dimension) }} as {{ dimension }}_key,
        {%- endfor %}
        {{ month_of('interactions.interacted_at') }} as month_start,
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
        month_start,
        {{ measure_sums() }}
    from described
    group by {{ matrix_dimensions() | join('_key, ') }}_key, month_start
)

select
    combinations.*,
    month_files.described_key
from combinations
inner join month_files on combinations.month_start = month_files.month_start
