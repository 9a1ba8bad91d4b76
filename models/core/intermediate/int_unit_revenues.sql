with

customers as (
    select * from {{ ref('customers') }}
),

products as (
    select * from {{ ref('products') }}
),

unit_revenues as (
    select
        'list_price' as revenue_basis,
        product_id as revenue_key,
        price as unit_revenue
    from products
    union all
    select
        'customer_amount' as revenue_basis,
        customer_id as revenue_key,
        purchase_amount as unit_revenue
    from customers
)

select
    revenue_key,
    unit_revenue
from unit_revenues
where revenue_basis = '{{ revenue_basis() }}'
