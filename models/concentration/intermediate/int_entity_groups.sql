{{ config(materialized='view') }}

with

customers as (
    select * from {{ ref('customers') }}
),

products as (
    select * from {{ ref('products') }}
),

calendar_dates as (
    select * from {{ ref('calendar_dates') }}
),

-- Where the rows carry the category, a product belongs to the one that it is seen in
-- most often.
row_categories as (
    select
        entity_id as product_id,
        entity_text as category
    from {{ ref('int_entity_texts') }}
    where dimension = 'product' and text_role = 'category'
),

entity_groups as (
    select
        'customer' as dimension,
        customer_id as entity_id,
        'customer_segment' as group_dimension,
        customer_segment as group_id
    from customers
    union all
    select
        'product' as dimension,
        coalesce(row_categories.product_id, products.product_id) as entity_id,
        'category' as group_dimension,
        coalesce(row_categories.category, products.category) as group_id
    from products
    full outer join row_categories on products.product_id = row_categories.product_id
    union all
    select
        'date' as dimension,
        date_name as entity_id,
        'month' as group_dimension,
        month_name as group_id
    from calendar_dates
)

select * from entity_groups
where group_id is not null
