{{ config(
    materialized=kept_table(),
    pre_hook="{{ forget_periods('year', 'year_start') }}"
) }}

with

entity_quarters as (
    select
        *,
        cast(date_trunc('year', quarter_start) as date) as year_start
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
        year_start,
        {{ measure_rollup() }}
    from entity_quarters
    where {{ in_periods_to_sum('year', 'year_start') }}
    group by dimension, entity_id, year_start
)

select
    summed.*,
    period_files.period_key
from summed
inner join period_files on summed.year_start = period_files.period_start
