{{ config(
    materialized=kept_table(),
    pre_hook="{{ forget_stale('int_month_files', ['month_start', 'described_key']) }}"
) }}

with

interactions as (
    select
        *,
        {{ month_of('interacted_at') }} as month_start,
        interaction_type in ('purchase', 'return') as is_sale,
        {{ row_hash(interaction_columns()) }} as content_hash
    from {{ ref('interactions') }}
    where {{ is_to_sum('int_month_files', {'month_start': month_of('interacted_at')}) }}
),

customers as (
    select * from {{ ref('customers') }}
),

products as (
    select * from {{ ref('products') }}
),

month_files as (
    select * from {{ ref('int_month_files') }}
),

looked_up as (
    select
        interactions.*,
        customers.customer_id as known_customer_id,
        products.product_id as known_product_id
    from interactions
    left join customers on interactions.customer_id = customers.customer_id
    left join products on interactions.product_id = products.product_id
),

answers as (
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
)

select
    answers.*,
    month_files.described_key
from answers
inner join month_files on answers.month_start = month_files.month_start
