{%- set dimensions = dimensions_from('customers') -%}
{{ config(
    materialized=kept_table(),
    pre_hook="{{ forget_stale('int_month_files', ['month_start', 'described_key']) }}"
) }}

with

customer_months as (
    select * from {{ ref('int_customer_months') }}
    where {{ is_to_sum('int_month_files', {'month_start': 'month_start'}) }}
),

customers as (
    select * from {{ ref('customers') }}
),

month_files as (
    select * from {{ ref('int_month_files') }}
),

described as (
    select
        {%- for dimension in dimensions %}
        customers.{{ dimension.name }},
        {%- endfor %}
        customer_months.month_start,
        {{ columns_of_sums('customer_months') }}
    from customer_months
    left join customers on customer_months.customer_id = customers.customer_id
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
