{#- Longer than others: lines of one order in one category are one transaction. -#}
{%- set dimensions = dimensions_from('products') -%}
{{ config(materialized='kept', incremental_strategy='by_description') }}
-- depends_on: {{ ref('int_periods') }}

with

product_months as (select * from {{ ref('int_product_months') }}),
order_lines as (select * from {{ ref('int_order_lines') }}),
products as (select * from {{ ref('products') }}),

described as (
    select
        {%- for dimension in dimensions %}
        products.{{ dimension.name }},
        {%- endfor %}
        product_months.month_start,
        {{ columns_of_sums('product_months') }}
    from product_months
    left join products on product_months.product_key = products.product_key
),

order_products as (
    select
        product_key,
        month_start,
        order_key,
        sum(interactions) as interactions,
        sum(purchases) as purchases,
        sum(revenue) as revenue
    from order_lines
    group by product_key, month_start, order_key
),

described_order_products as (
    select
        {%- for dimension in dimensions %}
        products.{{ dimension.name }},
        {%- endfor %}
        order_products.*
    from order_products
    left join products on order_products.product_key = products.product_key
),

-- The products of one category in one order form one transaction of that category.
orders as (
    select
        {{ attribute_name(dimensions) }} as dimension,
        {{ attribute_value(dimensions) }} as entity_id,
        month_start,
        {{ order_sums() }}
    from described_order_products
    group by grouping sets ({{ attribute_sets(dimensions, 'order_key') }})
),

surplus as (
    select
        dimension,
        entity_id,
        month_start,
        0 as interactions,
        0 as purchases,
        0 as revenue,
        {{ order_surplus() }}
    from orders
    where entity_id is not null
    group by dimension, entity_id, month_start
),

by_attribute as (
    select
        {{ attribute_name(dimensions) }} as dimension,
        {{ attribute_value(dimensions) }} as entity_id,
        month_start,
        {{ measure_rollup() }}
    from described
    group by grouping sets ({{ attribute_sets(dimensions) }})
),

parts as (
    select * from by_attribute
    union all
    select * from surplus
),

summed as (
    select
        dimension,
        entity_id,
        month_start,
        {{ measure_rollup() }}
    from parts
    group by dimension, entity_id, month_start
)

select
    summed.*,
    {{ attribute_key('summed.entity_id') }} as entity_key
from summed
