{{ config(materialized='kept', incremental_strategy='by_id') }}

with

staged as (select * from {{ ref('stg_interactions') }}),

-- Both are found in one pass.
ids as (
    select
        case when grouping(customer_id) = 0 then 'customer' else 'product' end
            as entity_role,
        coalesce(customer_key, product_key) as entity_key,
        coalesce(customer_id, product_id) as entity_id
    from staged
    group by grouping sets (
        (customer_key, customer_id),
        (product_key, product_id)
    )
)

select * from ids
where entity_id is not null
