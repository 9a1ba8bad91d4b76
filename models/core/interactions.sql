{{ config(
    materialized=kept_table(),
    on_schema_change='fail',
    pre_hook="{{ forget_files() }}"
) }}

with

usable as (
    select
        *,
        {{ revenue_key() }} as revenue_key
    from {{ ref('int_interaction_rows') }}
    where not is_blank and reject_reason is null
),

unit_revenues as (
    select * from {{ ref('int_unit_revenues') }}
)

select
    usable.customer_id,
    usable.product_id,
    usable.product_name,
    usable.customer_name,
    usable.order_id,
    usable.interaction_type,
    usable.category,
    usable.payment_method,
    {% for block in ['interactions', 'orders'] -%}
    {% for dimension in mapped_dimensions(block) -%}
    usable.{{ dimension.name }},
    {% endfor -%}
    {% endfor -%}
    {{ revenue_of('usable') }} as revenue,
    usable.file_key,
    usable.undated_reason,
    usable.has_time_of_day,
    usable.interacted_at
from usable
left join unit_revenues on usable.revenue_key = unit_revenues.revenue_key
