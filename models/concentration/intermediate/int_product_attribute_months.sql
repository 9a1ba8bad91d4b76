{%- set dimensions = dimensions_from('products') -%}

with

product_months as (
    select * from {{ ref('int_product_months') }}
),

products as (
    select * from {{ ref('products') }}
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
)

select
    {{ attribute_name(dimensions) }} as dimension,
    {{ attribute_value(dimensions) }} as entity_id,
    month_start,
    {{ measure_rollup() }}
from described
group by grouping sets ( -- noqa: PRS
    {{ attribute_sets(dimensions) }}
)
