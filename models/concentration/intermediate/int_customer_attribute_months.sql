{%- set dimensions = dimensions_from('customers') -%}

with

customer_months as (
    select * from {{ ref('int_customer_months') }}
),

customers as (
    select * from {{ ref('customers') }}
)

select
    {{ attribute_name(dimensions) }} as dimension,
    {{ attribute_value(dimensions) }} as entity_id,
    customer_months.month_start,
    {{ measure_rollup() }}
from customer_months
left join customers on customer_months.customer_id = customers.customer_id
group by grouping sets ({{ attribute_sets(dimensions) }}
)
