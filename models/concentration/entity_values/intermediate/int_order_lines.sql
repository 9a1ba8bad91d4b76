{{ config(materialized='kept', incremental_strategy='by_month') }}
-- depends_on: {{ ref('int_periods') }}

with

interaction_facts as (select * from {{ ref('interaction_facts') }}),

lines as (
    select
        customer_key,
        product_key,
        interaction_type,
        category,
        payment_method,
        {% for dimension in mapped_row_dimensions() -%}
        {{ dimension.name }},
        {% endfor -%}
        has_time_of_day,
        interacted_at,
        month_start,
        {{ order_key('order_id', 'customer_key', 'interacted_at') }} as order_key,
        1 as interactions,
        case when interaction_type = 'purchase' then 1 else 0 end as purchases,
        coalesce(revenue, 0) as revenue
    from interaction_facts
),

counted as (
    select
        *,
        cast(count(*) over (partition by month_start, order_key) as int) as line_count
    from lines
    where order_key is not null
)

select * from counted
where line_count > 1
