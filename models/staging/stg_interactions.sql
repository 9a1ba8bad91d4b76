{#- Longer than others: it contains all rules that clean a row, in their order. -#}
{{ config(
    materialized='table' if keeps_staged_rows() else 'view',
    pre_hook="{{ join_as_written(true) if keeps_staged_rows() }}",
    post_hook=[
        "{{ join_as_written(false) if keeps_staged_rows() }}",
        {
            'sql': "{{ keep_malformed_lines('interactions') if keeps_staged_rows() }}",
            'transaction': false
        }
    ]
) }}

with

lines as (select * from {{ raw_rows('interactions') }}),

{% if filled_headers('interactions') -%}
with_order_id as (
    select
        *,
        {{ order_to_fill_within() }} as filled_order
    from lines
),

filled as (
    select
        {% for header in mapped_headers('interactions') -%}
        {{ filled_cell(header) }} as {{ quoted(header) }},
        {% endfor -%}
        _source_file,
        _file_key,
        _source_row,
        _raw_text,
        _is_blank
    from with_order_id
),

{% endif -%}
{#- The model is parsed once for all mappings, so dbt must see the orders whether or not
   there are any. #}
{% if mapped_block('orders') or not execute -%}
orders as (
    select * from {{ ref('stg_orders') }}
    where reject_reason is null
),

{% endif -%}
named as (
    select
        _source_file as source_file,
        _file_key as file_key,
        _source_row as source_row,
        _raw_text as raw_text,
        _is_blank as is_blank,
        {{ mapped_id('interactions', 'order') }} as order_id,
        {{ mapped_id('interactions', 'customer') }} as customer_id,
        {{ mapped_id('interactions', 'product') }} as product_id,
        {{ mapped_text('interactions', 'customer_name') }} as customer_name,
        {{ mapped_text('interactions', 'product_name') }} as product_name,
        {{ mapped_text('interactions', 'category') }} as category,
        {{ mapped_text('interactions', 'payment_method') }} as payment_method,
        {{ mapped_text('interactions', 'interaction_type') }} as interaction_type_text,
        {{ mapped_currency_text('interactions') }} as currency_text,
        {{ mapped_text('interactions', 'amount') }} as amount_text,
        {{ mapped_text('interactions', 'amount_out') }} as amount_out_text,
        {{ sign_text() }} as sign_text,
        {{ mapped_text('interactions', 'quantity') }} as quantity_text,
        {{ mapped_text('interactions', 'unit_price') }} as unit_price_text,
        {{ mapped_time_text('interactions') }} as time_text,
        {% for dimension in mapped_dimensions('interactions') -%}
        {{ column_text(dimension.column, dimension.name) }} as {{ dimension.name }},
        {% endfor -%}
        {{ left_out_reason('interactions') }} as left_out_reason
    from {{ 'filled' if filled_headers('interactions') else 'lines' }}
),

with_order as (
    select
        named.source_file,
        named.file_key,
        named.source_row,
        named.raw_text,
        named.is_blank,
        named.order_id,
        {{ from_line_or_order('customer_id') }} as customer_id,
        named.product_id,
        {{ from_line_or_order('customer_name') }} as customer_name,
        named.product_name,
        named.category,
        {{ from_line_or_order('payment_method') }} as payment_method,
        {% for dimension in mapped_dimensions('interactions') -%}
        named.{{ dimension.name }},
        {% endfor -%}
        {% for dimension in mapped_dimensions('orders') -%}
        orders.{{ dimension.name }},
        {% endfor -%}
        named.interaction_type_text,
        {{ canonical_interaction_type('named.interaction_type_text') }}
            as interaction_type,
        {{ from_line_or_order('time_text') }} as time_text,
        named.sign_text,
        {{ from_line_or_order('currency_text') }} as currency_text,
        {% if mapped_header('interactions', 'amount_out') -%}
        coalesce(named.amount_text, named.amount_out_text) as amount_text,
        {%- elif mapped_header('interactions', 'amount') -%}
        named.amount_text,
        {%- else -%}
        -- One of two factors alone is not an amount.
        case when named.quantity_text is not null then named.unit_price_text end
            as amount_text,
        {%- endif %}
        named.quantity_text,
        {{ mapped_amount('interactions') }} as read_amount,
        {{ mapped_quantity('interactions') }} as quantity,
        {{ from_line_or_order('left_out_reason') }} as left_out_reason,
        {{ 'orders.order_id is null' if mapped_block('orders') else 'true' }}
            as is_orphan
    from named
    {%- if mapped_block('orders') %}
    left join orders on named.order_id = orders.order_id
    {%- endif %}
),

typed as (
    select
        *,
        {{ counted_amount('read_amount') }}
            as {{ 'written_amount' if mapped_currency().rates else 'amount' }},
        {{ row_currency() }} as currency,
        {{ parse_timestamp('time_text', time_block()) }} as interacted_at,
        {{ has_time_of_day('time_text', time_block()) }} as has_time_of_day,
        {{ is_repeated_row() }} as is_repeated
    from with_order
),

dated as (
    select
        *,
        {{ undated_reason() }} as undated_reason
    from typed
){{ ',' if mapped_currency().rates }}

{% if mapped_currency().rates -%}
exchange_rates as (
    {{ exchange_rates() }}
),

converted as (
    select
        dated.*,
        exchange_rates.rate,
        {{ converted('dated.written_amount') }} as amount
    from dated
    left join exchange_rates
        on
            dated.currency = exchange_rates.rate_currency
            and cast(dated.interacted_at as date) between
            exchange_rates.first_date and exchange_rates.last_date
)

{% endif -%}
select
    *,
    {{ entity_key('customer_id') }} as customer_key,
    {{ entity_key('product_id') }} as product_key,
    {{ reject_reason() }} as reject_reason
from {{ 'converted' if mapped_currency().rates else 'dated' }}
