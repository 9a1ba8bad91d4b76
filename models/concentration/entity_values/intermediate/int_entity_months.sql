{%- set keys = 'dimension, entity_key, month_start' -%}
{%- set attributes = dimensions_from('interactions') -%}
{%- set value = attribute_value(attributes) -%}
{%- set groups = [
    ("'customer'", 'customer_key', 'null', 'customer_key, month_start'),
    ("'product'", 'product_key', 'null', 'product_key, month_start'),
    (attribute_name(attributes), attribute_key(value), value,
        'grouping sets (' ~ attribute_sets(attributes) ~ ')'),
] -%}
{{ config(materialized='kept', incremental_strategy='by_month') }}
-- depends_on: {{ ref('int_periods') }}

with

-- Each group names its source, because DuckDB materialises a CTE that is used several
-- times.
summed as (
    {%- for dimension, entity_key, entity_id, group in groups %}
    select
        {{ dimension }} as dimension,
        {{ entity_key }} as entity_key,
        cast({{ entity_id }} as string) as entity_id,
        month_start,
        {{ row_sums() }}
    from {{ ref('interaction_facts') }}
    group by {{ group }}
    {{ 'union all' if not loop.last }}
    {%- endfor %}
),

-- The lines of an order are decided together, so they form one transaction.
orders as (
    {%- for dimension, entity_key, entity_id, group in groups %}
    select
        {{ dimension }} as dimension,
        {{ entity_key }} as entity_key,
        month_start,
        {{ order_sums() }}
    from {{ ref('int_order_lines') }}
    group by order_key, {{ group }}
    {{ 'union all' if not loop.last }}
    {%- endfor %}
),

surplus as (
    select
        {{ keys }},
        {{ order_surplus() }}
    from orders
    group by {{ keys }}
)

select
    summed.entity_id,
    {{ sums_with_orders(keys, 'summed', 'surplus') }}
from summed
left join surplus on {{ same_keys('summed', 'surplus', keys) }}
