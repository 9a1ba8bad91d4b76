{#- Questions to the valid rows: a name, how the answer is counted, what it means. -#}
{%- set questions = [
    (
        'rows_without_customer',
        'count(*) - count(customer_id)',
        'Valid rows that name no customer: in every figure but those by customer'
    ),
    (
        'rows_without_product',
        'count(*) - count(product_id)',
        'Valid rows that name no product: in every figure but those by product'
    ),
    (
        'rows_without_time_of_day',
        'count(*) - count(case when has_time_of_day then 1 end)',
        'Valid rows whose stamp is a date only: in every figure but those by hour'
    ),
    (
        'purchases_without_revenue',
        'count(case when is_sale and revenue is null then 1 end)',
        'Purchases and returns without a price or amount: they count, but bring nothing'
    ),
    (
        'returns',
        'count(case when revenue < 0 then 1 end)',
        'Valid rows with a negative amount: '
        ~ 'they reduce their customer, product and period'
    ),
    (
        'zero_amounts',
        'count(case when revenue = 0 then 1 end)',
        'Valid rows with an amount of zero'
    ),
    (
        'repeated_rows',
        'count(*) - count(distinct content_hash)',
        'Valid rows that equal an earlier one in every mapped column: '
        ~ 'kept unless the mapping says duplicates: drop'
    )
] -%}
{%- if mapped_block('customers') -%}
    {%- do questions.append((
        'rows_of_unknown_customers',
        'count(customer_id) - count(known_customer_id)',
        'Valid rows whose customer is not in the customers file'
    )) -%}
{%- endif -%}
{%- if mapped_block('products') -%}
    {%- do questions.append((
        'rows_of_unknown_products',
        'count(product_id) - count(known_product_id)',
        'Valid rows whose product is not in the products file'
    )) -%}
{%- endif -%}

-- Where amounts are mapped their files have been asked for decimals.
-- depends_on: {{ ref('loaded_files') }}

-- What valid rows lack or repeat. They stay: each leaves only the dimension that it
-- says nothing about.
with

interactions as (
    select
        *,
        interaction_type in ('purchase', 'return') as is_sale,
        {{ row_hash(interaction_columns()) }} as content_hash
    from {{ ref('interactions') }}
),

customers as (
    select * from {{ ref('customers') }}
),

products as (
    select * from {{ ref('products') }}
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
        {% for name, answer, meaning in questions -%}
        {{ answer }} as {{ name }},
        {% endfor -%}
        'interactions' as source_block
    from looked_up
),

checks as (
    {% for name, answer, meaning in questions -%}
    select
        source_block,
        '{{ name }}' as check_name,
        '{{ meaning }}' as description,
        {{ name }} as row_count
    from answers
    {{ 'union all' if not loop.last }}
    {% endfor -%}
    {% if mapped_header('interactions', 'amount') -%}
    union all
    select
        source_block,
        'rounded_amounts' as check_name,
        'Valid rows whose amount has more decimals than are kept: '
        || 'raise amount_decimals in the mapping' as description,
        sum(rounded_amount_count) as row_count
    from {{ ref('loaded_files') }}
    where source_block = 'interactions'
    group by source_block
    {% endif -%}
)

select * from checks
