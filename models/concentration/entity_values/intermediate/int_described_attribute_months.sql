{#- Longer than others: it sums the attributes of customers and of products, and the
   products of one category in one order are one transaction. -#}
{%- set files = ['customer', 'product'] -%}
{%- set of_products = dimensions_from('products') -%}
{{ config(materialized='kept', incremental_strategy='by_description') }}
-- depends_on: {{ ref('int_periods') }}

with

order_lines as (select * from {{ ref('int_order_lines') }}),
customers as (select * from {{ ref('customers') }}),
products as (select * from {{ ref('products') }}),

{% for file in files -%}
{% set dimensions = dimensions_from(file ~ 's') -%}
{{ file }}_months as (
    select * from {{ ref('int_entity_months') }}
    where dimension = '{{ file }}'
),

described_{{ file }}s as (
    select
        {%- for dimension in dimensions %}
        {{ file }}s.{{ dimension.name }},
        {%- endfor %}
        {{ file }}_months.month_start,
        {{ columns_of_sums(file ~ '_months') }}
    from {{ file }}_months
    left join {{ file }}s
        on {{ file }}_months.entity_key = {{ file }}s.{{ file }}_key
),

{{ file }}_attributes as (
    select
        {{ attribute_name(dimensions) }} as dimension,
        {{ attribute_value(dimensions) }} as entity_id,
        month_start,
        {{ measure_rollup() }}
    from described_{{ file }}s
    group by grouping sets ({{ attribute_sets(dimensions) }})
),

{% endfor -%}
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
        {%- for dimension in of_products %}
        products.{{ dimension.name }},
        {%- endfor %}
        order_products.*
    from order_products
    left join products on order_products.product_key = products.product_key
),

orders as (
    select
        {{ attribute_name(of_products) }} as dimension,
        {{ attribute_value(of_products) }} as entity_id,
        month_start,
        {{ order_sums() }}
    from described_order_products
    group by grouping sets ({{ attribute_sets(of_products, 'order_key') }})
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

parts as (
    {%- for relation in ['customer_attributes', 'product_attributes', 'surplus'] %}
    select * from {{ relation }}
    where dimension is not null
    {{ 'union all' if not loop.last }}
    {%- endfor %}
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
    *,
    {{ attribute_key('entity_id') }} as entity_key
from summed
