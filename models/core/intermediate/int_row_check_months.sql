{{ config(materialized='kept', incremental_strategy='by_description') }}
-- depends_on: {{ ref('int_periods') }}

with

interaction_facts as (
    select
        *,
        interaction_type in ('purchase', 'return') as is_sale,
        {{ row_hash(interaction_columns()) }} as content_hash
    from {{ ref('interaction_facts') }}
),

customers as (
    select * from {{ ref('customers') }}
    where is_described
),

products as (
    select * from {{ ref('products') }}
    where is_described
),

looked_up as (
    select
        interaction_facts.*,
        customers.customer_key as known_customer_key,
        products.product_key as known_product_key
    from interaction_facts
    left join customers on interaction_facts.customer_key = customers.customer_key
    left join products on interaction_facts.product_key = products.product_key
)

select
    {% for name, answer, meaning, rows in row_questions() -%}
    {{ answer }} as {{ name }},
    {% if rows -%}
    sum(case when {{ rows }} then revenue end) as {{ name }}_revenue,
    {% endif -%}
    {% endfor -%}
    month_start
from looked_up
group by month_start
