{%- set dimensions = dimensions_from('customers') -%}
{{ config(materialized='kept', incremental_strategy='by_description') }}
-- depends_on: {{ ref('int_periods') }}

with

customer_months as (select * from {{ ref('int_customer_months') }}),
customers as (select * from {{ ref('customers') }}),

described as (
    select
        {%- for dimension in dimensions %}
        customers.{{ dimension.name }},
        {%- endfor %}
        customer_months.month_start,
        {{ columns_of_sums('customer_months') }}
    from customer_months
    left join customers on customer_months.customer_key = customers.customer_key
),

summed as (
    select
        {{ attribute_name(dimensions) }} as dimension,
        {{ attribute_value(dimensions) }} as entity_id,
        month_start,
        {{ measure_rollup() }}
    from described
    group by grouping sets ({{ attribute_sets(dimensions) }})
)

select
    summed.*,
    {{ attribute_key('summed.entity_id') }} as entity_key
from summed
