with

customers as (
    select * from {{ source('raw', 'customers') }}
),

named as (
    select
        _source_file as source_file,
        _file_key as file_key,
        _source_row as source_row,
        _raw_text as raw_text,
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
        {{ try_number(mapped_id('customers', 'age'), 'integer') }} as age,
        {{ parse_money(mapped_text('customers', 'amount'), 'customers') }}
            as purchase_amount
    from customers
),

counted as (
    select
        *,
        {{ name_count('customer_id', 'customer_name') }} as name_count,
        {{ description_count('customer_id', customer_attributes()) }}
            as description_count
    from named
),

-- Of several rows of a customer the one counts that bears the name, and the rest of the
-- description, that most of them bear.
numbered as (
    select
        *,
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
)

select
    *,
    case
        when is_blank then null
        when left_out_reason is not null then left_out_reason
        when customer_id is null then 'missing_customer_id'
        when occurrence > 1 then 'repeated_customer_id'
    end as reject_reason
from numbered
