{%- set dimensions = dimensions_from('interactions') -%}
{{ config(
    materialized=kept_table(),
    pre_hook="{{ forget_stale('int_month_files', ['month_start', 'month_key']) }}"
) }}

with

interactions as (
    select
        *,
        {{ month_of('interacted_at') }} as month_start
    from {{ ref('interactions') }}
    where {{ is_to_sum('int_month_files', {'month_start': month_of('interacted_at')}) }}
),

month_files as (
    select * from {{ ref('int_month_files') }}
),

summed as (
    select
        {{ attribute_name(dimensions) }} as dimension,
        {{ attribute_value(dimensions) }} as entity_id,
        month_start,
        {{ measure_sums() }}
    from interactions
    group by grouping sets ( -- noqa: PRS
        {{ attribute_sets(dimensions) }}
    )
)

select
    summed.*,
    month_files.month_key
from summed
inner join month_files on summed.month_start = month_files.month_start
