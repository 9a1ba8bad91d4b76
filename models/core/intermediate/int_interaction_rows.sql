{{ config(
    pre_hook="{{ join_as_written(true) }}",
    post_hook=[
        "{{ join_as_written(false) }}",
        {'sql': "{{ keep_malformed_lines('interactions') }}", 'transaction': false},
    ]
) }}

-- Text is read and typed here, once, for all who ask for the rows. Nothing is sorted or
-- joined, so that they stay in the order of their file.
with

staged as (
    select * from {{ ref('stg_interactions') }}
)

select
    file_key,
    source_row,
    is_blank,
    reject_reason,
    case when is_blank or reject_reason is not null then raw_text end as raw_text,
    order_id,
    customer_id,
    customer_name,
    product_id,
    product_name,
    category,
    payment_method,
    interaction_type,
    {% for block in ['interactions', 'orders'] -%}
    {% for dimension in mapped_dimensions(block) -%}
    {{ dimension.name }},
    {% endfor -%}
    {% endfor -%}
    amount,
    quantity,
    {{
        has_more_decimals('amount_text')
        if mapped_header('interactions', 'amount') else 'false'
    }} as has_more_decimals,
    undated_reason is null and has_time_of_day as has_time_of_day,
    undated_reason,
    case when undated_reason is null then interacted_at end as interacted_at
from staged
