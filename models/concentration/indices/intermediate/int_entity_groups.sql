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

-- If the rows carry the category, a product belongs to the category that its rows give
-- most often.
row_categories as (
    select
        entity_key,
        entity_text as category
    from {{ ref('int_entity_texts') }}
    where dimension = 'product' and text_role = 'category'
),

entity_groups as (
    select
        'customer' as dimension,
        customer_key as entity_key,
        'customer_segment' as group_dimension,
        customer_segment as group_id
    from customers
    union all
    select
        'product' as dimension,
        products.product_key as entity_key,
        'category' as group_dimension,
        coalesce(row_categories.category, products.category) as group_id
    from products
    left join row_categories on products.product_key = row_categories.entity_key
    union all
    select
        'date' as dimension,
        {{ attribute_key('date_name') }} as entity_key,
        'month' as group_dimension,
        month_name as group_id
    from calendar_dates
)

select * from entity_groups
where group_id is not null
