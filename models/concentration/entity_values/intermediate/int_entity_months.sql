{{ config(materialized='view') }}

with

entity_months as (
    select
        'customer' as dimension,
        customer_key as entity_key,
        month_start,
        {{ columns_of_sums() }}
    from {{ ref('int_customer_months') }}
    union all
    select
        'product' as dimension,
        product_key as entity_key,
        month_start,
        {{ columns_of_sums() }}
    from {{ ref('int_product_months') }}
    {% for source_name in ['customer', 'product', 'row', 'calendar'] -%}
    union all
    select
        dimension,
        entity_key,
        month_start,
        {{ columns_of_sums() }}
    from {{ ref('int_' ~ source_name ~ '_attribute_months') }}
    where dimension is not null
    {% endfor -%}
)

select * from entity_months
