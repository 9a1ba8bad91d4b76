{%- set dimensions = dimensions_from('products') -%}

with

product_months as (
    select * from {{ ref('int_product_months') }}
),

products as (
    select * from {{ ref('products') }}
)

select
    {{ attribute_name(dimensions) }} as dimension,
    {{ attribute_value(dimensions) }} as entity_id,
    product_months.month_start,
    {{ measure_rollup() }}
from product_months
left join products on product_months.product_id = products.product_id
group by grouping sets ({{ attribute_sets(dimensions) }}
)
