-- What valid rows lack or repeat. They stay: each leaves only the dimension that it says
-- nothing about.
with

interactions as (
    select * from {{ ref('interactions') }}
),

customers as (
    select * from {{ ref('customers') }}
),

products as (
    select * from {{ ref('products') }}
),

counted as (
    select
        count(*) as row_count,
        count(customer_id) as customer_count,
        count(product_id) as product_count,
        sum(case when has_time_of_day then 1 else 0 end) as timed_count,
        sum(case when interaction_type in ('purchase', 'return') and revenue is null then 1 else 0 end)
            as unpriced_count,
        sum(case when revenue < 0 then 1 else 0 end) as negative_count,
        sum(case when revenue = 0 then 1 else 0 end) as zero_count,
        count(distinct {{ row_hash(interaction_columns()) }}) as distinct_count
    from interactions
),

unknown_customers as (
    select sum(case when customers.customer_id is null then 1 else 0 end) as row_count
    from interactions
    left join customers on interactions.customer_id = customers.customer_id
    where interactions.customer_id is not null
),

unknown_products as (
    select sum(case when products.product_id is null then 1 else 0 end) as row_count
    from interactions
    left join products on interactions.product_id = products.product_id
    where interactions.product_id is not null
),

{% if mapped_header('interactions', 'amount') -%}
rounded_amounts as (
    select sum(case when {{ has_more_decimals('amount_text') }} then 1 else 0 end) as row_count
    from {{ ref('stg_interactions') }}
    where not is_blank and reject_reason is null
),

{% endif -%}
checks as (
    select
        'rows_without_customer' as check_name,
        'Valid rows that name no customer: in every figure but those by customer' as description,
        row_count - customer_count as row_count
    from counted
    union all
    select
        'rows_without_product' as check_name,
        'Valid rows that name no product: in every figure but those by product' as description,
        row_count - product_count as row_count
    from counted
    {% if mapped_block('customers') -%}
    union all
    select
        'rows_of_unknown_customers' as check_name,
        'Valid rows whose customer is not in the customers file' as description,
        row_count
    from unknown_customers
    {% endif -%}
    {% if mapped_block('products') -%}
    union all
    select
        'rows_of_unknown_products' as check_name,
        'Valid rows whose product is not in the products file' as description,
        row_count
    from unknown_products
    {% endif -%}
    union all
    select
        'rows_without_time_of_day' as check_name,
        'Valid rows whose stamp is a date only: in every figure but those by hour' as description,
        row_count - timed_count as row_count
    from counted
    union all
    select
        'purchases_without_revenue' as check_name,
        'Purchases and returns without a price or amount: they count, but bring nothing' as description,
        unpriced_count as row_count
    from counted
    union all
    select
        'returns' as check_name,
        'Valid rows with a negative amount: they reduce their customer, product and period' as description,
        negative_count as row_count
    from counted
    union all
    select
        'zero_amounts' as check_name,
        'Valid rows with an amount of zero' as description,
        zero_count as row_count
    from counted
    {% if mapped_header('interactions', 'amount') -%}
    union all
    select
        'rounded_amounts' as check_name,
        'Valid rows whose amount has more decimals than are kept: raise amount_decimals in the mapping' as description,
        row_count
    from rounded_amounts
    {% endif -%}
    union all
    select
        'repeated_rows' as check_name,
        'Valid rows that equal an earlier one in every mapped column: kept unless the mapping says duplicates: drop' as description,
        row_count - distinct_count as row_count
    from counted
)

select
    'interactions' as source_block,
    check_name,
    description,
    coalesce(row_count, 0) as row_count
from checks
