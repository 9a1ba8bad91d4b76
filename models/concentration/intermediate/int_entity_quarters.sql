{{ config(
    materialized=kept_table(),
    pre_hook="{{ forget_stale(
        'int_period_files', ['period_grain', 'period_start', 'period_key']
    ) }}"
) }}

with

entity_months as (
    select
        *,
        cast(date_trunc('quarter', month_start) as date) as quarter_start
    from {{ ref('int_entity_months') }}
),

period_files as (
    select * from {{ ref('int_period_files') }}
    where period_grain = 'quarter'
),

summed as (
    select
        dimension,
        entity_id,
        quarter_start as period_start,
        {{ measure_rollup() }}
    from entity_months
    where
        {{ is_to_sum('int_period_files', {
            'period_grain': "'quarter'",
            'period_start': 'quarter_start'
        }) }}
    group by dimension, entity_id, quarter_start
)

select
    summed.*,
    period_files.period_grain,
    period_files.period_key
from summed
inner join period_files on summed.period_start = period_files.period_start
