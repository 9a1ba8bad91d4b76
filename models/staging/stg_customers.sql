{#- Longer than others: it contains all rules that clean a customer, in their order. -#}
{{ config(
    materialized='kept',
    incremental_strategy='by_file',
    post_hook={'sql': "{{ keep_malformed_lines('customers') }}", 'transaction': false}
) }}

with

customers as (select * from {{ raw_rows('customers') }}),

texts as (
    select
        _source_file as source_file,
        _file_key as file_key,
        _source_row as source_row,
        _raw_text as row_text,
        _is_blank as is_blank,
        {{ mapped_id('customers', 'customer') }} as customer_id,
        {{ left_out_reason('customers') }} as left_out_reason,
        {{ mapped_text('customers', 'name') }} as customer_name,
        {{ mapped_text('customers', 'gender') }} as gender,
        {{ mapped_text('customers', 'location') }} as location,
        {{ mapped_text('customers', 'subscription_status') }} as subscription_status,
        {{ mapped_text('customers', 'payment_method') }} as payment_method,
        {{ mapped_text('customers', 'purchase_frequency') }} as purchase_frequency,
        {% for dimension in mapped_dimensions('customers') -%}
        {{ column_text(dimension.column, dimension.name) }} as {{ dimension.name }},
        {% endfor -%}
        {{ mapped_id('customers', 'age') }} as age_text,
        {{ mapped_text('customers', 'amount') }} as amount_text
    from customers
),

named as (
    select
        *,
        {{ try_number('age_text', 'integer') }} as age,
        {{ read_money('amount_text', 'customers', 'amount') }} as purchase_amount
    from texts
),

-- Most ids occur in only one row and need no comparison.
repeated as (
    select
        customer_id,
        left_out_reason is not null as is_left_out
    from named
    where customer_id is not null
    group by customer_id, left_out_reason is not null
    having count(*) > 1
),

counted as (
    select
        named.*,
        {{ name_count('named.customer_id', 'named.customer_name') }} as name_count,
        {{ description_count('named.customer_id', customer_attributes()) }}
            as description_count
    from named
    inner join repeated
        on
            named.customer_id = repeated.customer_id
            and (named.left_out_reason is not null) = repeated.is_left_out
),

-- If a customer has several rows, the row counts whose name, and then whose other
-- attributes, occur most often among them.
numbered as (
    select
        source_file,
        source_row,
        row_number() over (
            partition by customer_id, left_out_reason is not null
            order by
                name_count desc,
                customer_name nulls last,
                description_count desc,
                source_file,
                source_row
        ) as occurrence
    from counted
),

judged as (
    select
        named.*,
        {{ entity_key('named.customer_id') }} as customer_key,
        case
            when named.is_blank then null
            when named.left_out_reason is not null then named.left_out_reason
            when named.customer_id is null then 'missing_customer_id'
            when numbered.occurrence > 1 then 'repeated_customer_id'
        end as reject_reason
    from named
    left join numbered
        on
            named.source_file = numbered.source_file
            and named.source_row = numbered.source_row
)

-- The text of an unusable row is kept so that it can be corrected.
select
    source_file,
    file_key,
    source_row,
    case when is_blank or reject_reason is not null then row_text end as raw_text,
    is_blank,
    customer_id,
    customer_key,
    left_out_reason,
    customer_name,
    gender,
    location,
    subscription_status,
    payment_method,
    purchase_frequency,
    {% for dimension in mapped_dimensions('customers') -%}
    {{ dimension.name }},
    {% endfor -%}
    age,
    purchase_amount,
    reject_reason
from judged
