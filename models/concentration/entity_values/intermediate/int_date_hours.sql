{{ config(materialized='kept', incremental_strategy='by_month') }}
-- depends_on: {{ ref('int_periods') }}

with

interaction_facts as (
    select
        *,
        cast(interacted_at as date) as date_day,
        case when has_time_of_day then hour(interacted_at) end as hour_of_day,
        {{ row_hash(interaction_columns()) }} as content_hash
    from {{ ref('interaction_facts') }}
),

order_lines as (select * from {{ ref('int_order_lines') }}),

summed as (
    select
        date_day,
        hour_of_day,
        month_start,
        {% for name, answer, meaning, rows in row_questions() -%}
        {{ answer }} as {{ name }},
        {% if rows -%}
        sum(case when {{ rows }} then revenue end) as {{ name }}_revenue,
        {% endif -%}
        {% endfor -%}
        {{ row_sums() }}
    from interaction_facts
    group by date_day, hour_of_day, month_start
),

-- The lines of an order are decided together, so they form one transaction.
orders as (
    select
        cast(interacted_at as date) as date_day,
        case when has_time_of_day then hour(interacted_at) end as hour_of_day,
        order_key,
        {{ order_sums() }}
    from order_lines
    group by date_day, hour_of_day, order_key
),

surplus as (
    select
        date_day,
        hour_of_day,
        {{ order_surplus() }}
    from orders
    group by date_day, hour_of_day
)

select
    {% for name, answer, meaning, rows in row_questions() -%}
    summed.{{ name }},
    {{ 'summed.' ~ name ~ '_revenue,' if rows }}
    {% endfor -%}
    {{ sums_with_orders('date_day, hour_of_day, month_start', 'summed', 'surplus') }}
from summed
left join surplus
    on
        summed.date_day = surplus.date_day
        and summed.hour_of_day is not distinct from surplus.hour_of_day
