{{ config(
    materialized='kept', incremental_strategy='by_file',
    pre_hook="{{ join_as_written(true) }}",
    post_hook="{{ join_as_written(false) }}"
) }}

-- Rows are written once, with numbers instead of the ids that they repeat.
with

staged as (select * from {{ ref('stg_interactions') }}),

unit_revenues as (
    {{ unit_revenues(ref('stg_customers'), ref('stg_products')) }}
),

dated as (
    select
        staged.*,
        case when staged.undated_reason is null then staged.interacted_at end
            as dated_at,
        {{ revenue_of('staged') }} as revenue
    from staged
    left join unit_revenues on {{ revenue_key('staged') }} = unit_revenues.revenue_key
    where not staged.is_blank and staged.reject_reason is null
)

select
    customer_key,
    product_key,
    order_id,
    interaction_type,
    customer_name,
    product_name,
    category,
    payment_method,
    {% for dimension in mapped_row_dimensions() -%}
    {{ dimension.name }},
    {% endfor -%}
    undated_reason,
    revenue,
    file_key,
    undated_reason is null and has_time_of_day as has_time_of_day,
    {{ month_of('dated_at') }} as month_start,
    dated_at as interacted_at
from dated
