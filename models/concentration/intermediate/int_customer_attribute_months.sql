{%- set dimensions = dimensions_from('customers') -%}

with

customer_months as (
    select * from {{ ref('int_customer_months') }}
),

customers as (
    select * from {{ ref('customers') }}
),

described as (
    select
        {%- for dimension in dimensions %}
        customers.{{ dimension.name }},
        {%- endfor %}
        customer_months.month_start,
        customer_months.interactions,
        customer_months.purchases,
        customer_months.revenue,
        customer_months.revenue_squared
    from customer_months
    left join customers on customer_months.customer_id = customers.customer_id
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
