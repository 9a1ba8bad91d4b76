{{ config(materialized=view_on_duckdb()) }}

with

interaction_facts as (select * from {{ ref('interaction_facts') }}),
customers as (select * from {{ ref('customers') }}),
products as (select * from {{ ref('products') }})

select
    customers.customer_id,
    products.product_id,
    interaction_facts.product_name,
    interaction_facts.customer_name,
    interaction_facts.order_id,
    interaction_facts.interaction_type,
    interaction_facts.category,
    interaction_facts.payment_method,
    {% for dimension in mapped_row_dimensions() -%}
    interaction_facts.{{ dimension.name }},
    {% endfor -%}
    interaction_facts.revenue,
    interaction_facts.file_key,
    interaction_facts.undated_reason,
    interaction_facts.has_time_of_day,
    interaction_facts.interacted_at,
    interaction_facts.customer_key,
    interaction_facts.product_key
from interaction_facts
left join customers on interaction_facts.customer_key = customers.customer_key
left join products on interaction_facts.product_key = products.product_key
