{{ config(
    materialized=kept_table(),
    pre_hook="{{ forget_stale(
        'int_period_files', ['period_grain', 'period_start', 'period_key']
    ) }}"
) }}

with

entity_quarters as (
    select
        *,
        cast(date_trunc('year', period_start) as date) as year_start
    from {{ ref('int_entity_quarters') }}
),

period_files as (
    select * from {{ ref('int_period_files') }}
    where period_grain = 'year'
),

summed as (
    select
        dimension,
        entity_id,
        year_start as period_start,
        {{ measure_rollup() }}
    from entity_quarters
    where
        {{ is_to_sum('int_period_files', {
            'period_grain': "'year'",
            'period_start': 'year_start'
        }) }}
    group by dimension, entity_id, year_start
)

select
    summed.*,
    period_files.period_grain,
    period_files.period_key
from summed
inner join period_files on summed.period_start = period_files.period_start
