{{ config(
    materialized=kept_table(),
    pre_hook="{{ forget_stale('int_month_files', ['month_start', 'month_key']) }}"
) }}

with

interactions as (
    select * from {{ ref('interactions') }}
    where {{ is_to_sum('int_month_files', {'month_start': month_of('interacted_at')}) }}
),

order_lines as (
    select * from {{ ref('int_order_lines') }}
    where {{ is_to_sum('int_month_files', {'month_start': 'month_start'}) }}
),

month_files as (
    select * from {{ ref('int_month_files') }}
),

summed as (
    select
        product_id,
        {{ month_of('interacted_at') }} as month_start,
        {{ row_sums() }}
    from interactions
    group by product_id, month_start
),

-- The lines of an order are decided at once: together they are one transaction.
orders as (
    select
        product_id,
        month_start,
        order_key,
        {{ order_sums() }}
    from order_lines
    group by product_id, month_start, order_key
),

surplus as (
    select
        product_id,
        month_start,
        {{ order_surplus() }}
    from orders
    group by product_id, month_start
)

select
    summed.product_id,
    summed.month_start,
    {{ sums_with_orders('summed', 'surplus') }},
    month_files.month_key
from summed
inner join month_files on summed.month_start = month_files.month_start
left join surplus
    on
        summed.product_id = surplus.product_id
        and summed.month_start = surplus.month_start
