{%- set dimensions = dimensions_from('products') -%}
{{ config(
    materialized=kept_table(),
    pre_hook="{{ forget_stale('int_month_files', ['month_start', 'described_key']) }}"
) }}

with

product_months as (
    select * from {{ ref('int_product_months') }}
    where {{ is_to_sum('int_month_files', {'month_start': 'month_start'}) }}
),

products as (
    select * from {{ ref('products') }}
),

month_files as (
    select * from {{ ref('int_month_files') }}
),

described as (
    select
        {%- for dimension in dimensions %}
        products.{{ dimension.name }},
        {%- endfor %}
        product_months.month_start,
        product_months.interactions,
        product_months.purchases,
        product_months.revenue,
        product_months.revenue_squared
    from product_months
    left join products on product_months.product_id = products.product_id
),

summed as (
    select
        {{ attribute_name(dimensions) }} as dimension,
        {{ attribute_value(dimensions) }} as entity_id,
        month_start,
        {{ measure_rollup() }}
    from described
    group by grouping sets ( -- noqa: PRS
        {{ attribute_sets(dimensions) }}
    )
)

select
    summed.*,
    month_files.described_key
from summed
inner join month_files on summed.month_start = month_files.month_start
