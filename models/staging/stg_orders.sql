with

orders as (select * from {{ raw_rows('orders') }}),

named as (
    select
        _source_file as source_file,
        _file_key as file_key,
        _source_row as source_row,
        _raw_text as raw_text,
        _is_blank as is_blank,
        {{ mapped_id('orders', 'order') }} as order_id,
        {{ mapped_id('orders', 'customer') }} as customer_id,
        {{ mapped_text('orders', 'customer_name') }} as customer_name,
        {{ mapped_text('orders', 'payment_method') }} as payment_method,
        {{ mapped_time_text('orders') }} as time_text,
        {{ mapped_currency_text('orders') }} as currency_text,
        {% for dimension in mapped_dimensions('orders') -%}
        {{ column_text(dimension.column, dimension.name) }} as {{ dimension.name }},
        {% endfor -%}
        {{ left_out_reason('orders') }} as left_out_reason
    from orders
),

numbered as (
    select
        *,
        row_number() over (
            partition by order_id
            order by source_file, source_row
        ) as occurrence
    from named
)

-- The first row of an order counts: a repeated header row must not double its lines.
select
    *,
    case
        when is_blank then null
        when order_id is null then 'missing_order_id'
        when occurrence > 1 then 'repeated_order_id'
    end as reject_reason
from numbered
