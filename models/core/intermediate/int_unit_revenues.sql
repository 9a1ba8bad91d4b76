with

customers as (
    select * from {{ ref('stg_customers') }}
    where reject_reason is null and not is_blank
),

products as (
    select * from {{ ref('stg_products') }}
    where reject_reason is null and not is_blank
),

unit_revenues as (
    select
        'list_price' as revenue_basis,
        product_key as revenue_key,
        price as unit_revenue
    from products
    union all
    select
        'customer_amount' as revenue_basis,
        customer_key as revenue_key,
        purchase_amount as unit_revenue
    from customers
)

select
    revenue_key,
    unit_revenue
from unit_revenues
where revenue_basis = '{{ revenue_basis() }}'
