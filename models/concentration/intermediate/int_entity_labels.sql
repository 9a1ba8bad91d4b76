{{ config(materialized='view') }}

with

customers as (
    select * from {{ ref('customers') }}
),

products as (
    select * from {{ ref('products') }}
),

row_names as (
    select * from {{ ref('int_entity_texts') }}
    where text_role = 'name'
),

file_names as (
    select
        'customer' as dimension,
        customer_id as entity_id,
        customer_name as entity_label
    from customers
    where customer_name is not null
    union all
    select
        'product' as dimension,
        product_id as entity_id,
        product_name as entity_label
    from products
    where product_name is not null
)

-- Who the files do not name is called what its rows call it most often.
select
    coalesce(file_names.dimension, row_names.dimension) as dimension,
    coalesce(file_names.entity_id, row_names.entity_id) as entity_id,
    coalesce(file_names.entity_label, row_names.entity_text) as entity_label
from file_names
full outer join
    row_names
    on
        file_names.dimension = row_names.dimension
        and file_names.entity_id = row_names.entity_id
