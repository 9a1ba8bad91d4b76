{# Questions to the valid rows: a name, how the answer is counted, what it means. Equal rows are
   of one month, so that every answer adds up over months. #}
{% macro row_questions() -%}
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
            'Valid rows that equal an earlier one in all that the tables keep of a row: '
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
    {{ return(questions) }}
{%- endmacro %}
