{#- Longer than others: it sums the attributes of customers and of products, of which
   the products of one category in one order are one transaction, and fills in zeros for
   every slot of five calendars. -#}
{%- set files = ['customer', 'product'] -%}
{%- set slots = ['year', 'month', 'date', 'weekday', 'hour'] -%}
{%- set attribute = 'dimension, entity_id, month_start' -%}
{%- set of_products = dimensions_from('products') -%}
{{ config(materialized='kept', incremental_strategy='by_description') }}
-- depends_on: {{ ref('int_periods') }}

with

order_lines as (select * from {{ ref('int_order_lines') }}),
customers as (select * from {{ ref('customers') }}),
products as (select * from {{ ref('products') }}),
date_hours as (select * from {{ ref('int_date_hours') }}),
calendar_dates as (select * from {{ ref('calendar_dates') }}),
calendar_hours as (select * from {{ ref('calendar_hours') }}),

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
        {{ attribute }},
        0 as interactions,
        0 as purchases,
        0 as revenue,
        {{ order_surplus() }}
    from orders
    where entity_id is not null
    group by {{ attribute }}
),

-- Rows without a date have no slot in the calendar, so their value has no entity.
active_slots as (
    select
        coalesce(calendar_dates.month_start, date_hours.month_start) as month_start,
        {%- for slot in slots if slot != 'hour' %}
        calendar_dates.{{ slot }}_name,
        {%- endfor %}
        calendar_hours.hour_name,
        {{ columns_of_sums('date_hours') }}
    from date_hours
    left join calendar_dates on date_hours.date_day = calendar_dates.date_day
    left join calendar_hours on date_hours.hour_of_day = calendar_hours.hour_of_day
),

weekdays as (
    select {{ number_series(1, 7) }} as weekday_number
),

-- Every day, hour and weekday of a month is included: an empty slot is a zero, not a
-- gap.
empty_slots as (
    select
        calendar_dates.month_start,
        {%- for slot in slots if slot != 'hour' %}
        calendar_dates.{{ slot }}_name,
        {%- endfor %}
        calendar_hours.hour_name
    from calendar_dates
    cross join calendar_hours
    union all
    select distinct
        calendar_dates.month_start,
        calendar_dates.year_name,
        calendar_dates.month_name,
        cast(null as string) as date_name,
        {{ weekday_name('weekdays.weekday_number') }} as weekday_name,
        cast(null as string) as hour_name
    from calendar_dates
    cross join weekdays
),

all_slots as (
    select * from active_slots
    union all
    select
        *,
        0 as {{ sum_columns() | join(', 0 as ') }}
    from empty_slots
),

slot_sums as (
    select
        case
            {% for slot in slots -%}
            when grouping({{ slot }}_name) = 0 then '{{ slot }}'
            {% endfor -%}
        end as dimension,
        coalesce({{ slots | join('_name, ') }}_name) as entity_id,
        month_start,
        {{ measure_rollup() }}
    from all_slots
    group by grouping sets (
        {%- for slot in slots %}
        (month_start, {{ slot }}_name){{ ',' if not loop.last }}
        {%- endfor %}
    )
),

parts as (
    {%- for relation in ['customer_attributes', 'product_attributes', 'surplus'] %}
    select * from {{ relation }}
    where dimension is not null
    union all
    {%- endfor %}
    select * from slot_sums
),

summed as (
    select
        {{ attribute }},
        {{ measure_rollup() }}
    from parts
    group by {{ attribute }}
)

select
    *,
    {{ attribute_key('entity_id') }} as entity_key
from summed
