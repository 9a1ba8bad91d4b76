{{ config(materialized='view') }}

with

customers as (
    select * from {{ ref('customers') }}
),

products as (
    select * from {{ ref('products') }}
),

product_months as (
    select * from {{ ref('int_product_months') }}
),

-- A product that only the rows know is called as the rows call it.
row_names as (
    select
        product_id,
        min(row_product_name) as product_name
    from product_months
    where row_product_name is not null
    group by product_id
),

labels as (
    select
        'customer' as dimension,
        customer_id as entity_id,
        customer_name as entity_label
    from customers
    where customer_name is not null
    union all
    select
        'product' as dimension,
        coalesce(products.product_id, row_names.product_id) as entity_id,
        coalesce(products.product_name, row_names.product_name) as entity_label
    from products
    full outer join row_names on products.product_id = row_names.product_id
)

select * from labels
