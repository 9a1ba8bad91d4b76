{{ config(
    materialized=kept_table(),
    pre_hook="{{ forget_stale('int_month_files', ['month_start', 'month_key']) }}"
) }}

with

interactions as (
    select * from {{ ref('interactions') }}
    where {{ is_to_sum('int_month_files', {'month_start': month_of('interacted_at')}) }}
),

month_files as (
    select * from {{ ref('int_month_files') }}
    where {{ is_to_sum('int_month_files', {'month_start': 'month_start'}) }}
),

lines as (
    select
        customer_id,
        product_id,
        interaction_type,
        category,
        payment_method,
        {% for block in ['interactions', 'orders'] -%}
        {% for dimension in mapped_dimensions(block) -%}
        {{ dimension.name }},
        {% endfor -%}
        {% endfor -%}
        has_time_of_day,
        interacted_at,
        {{ month_of('interacted_at') }} as month_start,
        {{ order_key() }} as order_key,
        1 as interactions,
        case when interaction_type = 'purchase' then 1 else 0 end as purchases,
        coalesce(revenue, 0) as revenue
    from interactions
),

orders as (
    select
        month_start,
        order_key
    from lines
    where order_key is not null
    group by month_start, order_key
    having count(*) > 1
),

order_lines as (
    select lines.*
    from lines
    inner join orders
        on
            lines.month_start = orders.month_start
            and lines.order_key = orders.order_key
)

-- A month without such an order has a row that is none, which says that it was looked
-- at.
select
    order_lines.customer_id,
    order_lines.product_id,
    order_lines.interaction_type,
    order_lines.category,
    order_lines.payment_method,
    {% for block in ['interactions', 'orders'] -%}
    {% for dimension in mapped_dimensions(block) -%}
    order_lines.{{ dimension.name }},
    {% endfor -%}
    {% endfor -%}
    order_lines.has_time_of_day,
    order_lines.interacted_at,
    order_lines.order_key,
    order_lines.interactions,
    order_lines.purchases,
    order_lines.revenue,
    month_files.month_start,
    month_files.month_key
from month_files
left join order_lines on month_files.month_start = order_lines.month_start
