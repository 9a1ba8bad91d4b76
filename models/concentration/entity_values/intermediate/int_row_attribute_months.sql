{%- set dimensions = dimensions_from('interactions') -%}
{%- set attribute = 'dimension, entity_id, month_start' -%}
{{ config(materialized='kept', incremental_strategy='by_month') }}
-- depends_on: {{ ref('int_periods') }}

with

interaction_facts as (select * from {{ ref('interaction_facts') }}),
order_lines as (select * from {{ ref('int_order_lines') }}),

summed as (
    select
        {{ attribute_name(dimensions) }} as dimension,
        {{ attribute_value(dimensions) }} as entity_id,
        month_start,
        {{ row_sums() }}
    from interaction_facts
    group by grouping sets ({{ attribute_sets(dimensions) }})
),

-- The lines of an order are decided together, so they form one transaction.
orders as (
    select
        {{ attribute_name(dimensions) }} as dimension,
        {{ attribute_value(dimensions) }} as entity_id,
        month_start,
        {{ order_sums() }}
    from order_lines
    group by grouping sets ({{ attribute_sets(dimensions, 'order_key') }})
),

surplus as (
    select
        {{ attribute }},
        {{ order_surplus() }}
    from orders
    group by {{ attribute }}
)

select
    {{ attribute_key('summed.entity_id') }} as entity_key,
    {{ sums_with_orders(attribute, 'summed', 'surplus') }}
from summed
left join surplus on {{ same_keys('summed', 'surplus', attribute) }}
