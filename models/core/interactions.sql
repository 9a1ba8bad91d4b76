{%- set revenue_keys = {
    'amount': 'cast(null as string)',
    'list_price': 'product_id',
    'customer_amount': 'customer_id',
} -%}
{{ config(
    materialized=kept_table(),
    on_schema_change='fail',
    pre_hook=["{{ forget_files() }}", "{{ join_as_written(true) }}"],
    post_hook=[
        "{{ join_as_written(false) }}",
        {'sql': "{{ keep_malformed_lines('interactions') }}", 'transaction': false},
    ]
) }}

with

staged as (
    select
        *,
        {{ revenue_keys[revenue_basis()] }} as revenue_key
    from {{ ref('stg_interactions') }}
    where not is_blank and reject_reason is null
),

unit_revenues as (
    select * from {{ ref('int_unit_revenues') }}
)

select
    staged.customer_id,
    staged.product_id,
    staged.product_name,
    staged.order_id,
    staged.interaction_type,
    staged.category,
    staged.payment_method,
    {% for block in ['interactions', 'orders'] -%}
    {% for dimension in mapped_dimensions(block) -%}
    staged.{{ dimension.name }},
    {% endfor -%}
    {% endfor -%}
    case staged.interaction_type
        when 'purchase' then coalesce(staged.amount, unit_revenues.unit_revenue)
        when 'return' then -abs(coalesce(staged.amount, unit_revenues.unit_revenue))
    end as revenue,
    staged.file_key,
    staged.has_time_of_day,
    staged.interacted_at
from staged
left join unit_revenues on staged.revenue_key = unit_revenues.revenue_key
