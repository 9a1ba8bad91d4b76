{{ config(
    materialized=kept_table(),
    pre_hook="{{ forget_stale('int_month_files', ['month_start', 'month_key']) }}"
) }}

with

interactions as (
    select * from {{ ref('interactions') }}
    where {{ is_to_sum('int_month_files', {'month_start': month_of('interacted_at')}) }}
),

month_files as (
    select * from {{ ref('int_month_files') }}
),

summed as (
    select
        product_id,
        {{ month_of('interacted_at') }} as month_start,
        {{ measure_sums() }}
    from interactions
    group by product_id, month_start
)

select
    summed.*,
    month_files.month_key
from summed
inner join month_files on summed.month_start = month_files.month_start
