{{ config(materialized='kept', incremental_strategy='by_month') }}
-- depends_on: {{ ref('int_periods') }}

with

interaction_facts as (select * from {{ ref('interaction_facts') }}),
order_lines as (select * from {{ ref('int_order_lines') }}),

summed as (
    select
        product_key,
        month_start,
        {{ row_sums() }}
    from interaction_facts
    group by product_key, month_start
),

-- The lines of an order are decided together, so they form one transaction.
orders as (
    select
        product_key,
        month_start,
        order_key,
        {{ order_sums() }}
    from order_lines
    group by product_key, month_start, order_key
),

surplus as (
    select
        product_key,
        month_start,
        {{ order_surplus() }}
    from orders
    group by product_key, month_start
)

select
    {{ sums_with_orders('product_key, month_start', 'summed', 'surplus') }}
from summed
left join surplus
    on {{ same_keys('summed', 'surplus', 'product_key, month_start') }}
