with

contributors as (
    select * from {{ ref('change_contributors') }}
    where entity_id is not null and measure = 'revenue'
),

changes as (
    select * from {{ ref('concentration_changes') }}
    where is_comparable and hhi_change is not null and measure = 'revenue'
),

indices as (
    select * from {{ ref('concentration_indices') }}
    where measure = 'revenue'
),

compared_indices as (
    select * from indices
),

coverage as (
    select * from {{ ref('int_period_coverage') }}
    where is_latest_complete
),

gains as (
    select
        contributors.*,
        contributors.value_share - contributors.compared_share as share_gain,
        cast(indices.total_value as double) as total_value,
        cast(compared_indices.total_value as double) as compared_total_value
    from contributors
    inner join coverage
        on
            contributors.period_grain = coverage.period_grain
            and contributors.period_start = coverage.period_start
    inner join indices
        on
            contributors.dimension = indices.dimension
            and contributors.period_grain = indices.period_grain
            and contributors.period_start = indices.period_start
    inner join compared_indices
        on
            contributors.dimension = compared_indices.dimension
            and contributors.period_grain = compared_indices.period_grain
            and contributors.compared_start = compared_indices.period_start
    where
        contributors.value_share - contributors.compared_share
        >= {{ var('register_share') }}
        and {{ is_open_dimension('contributors.dimension') }}
)

-- What grows every December is no news: a month or quarter has to stand out from the
-- same one a year earlier as well, where there is one.
select
    gains.dimension,
    gains.measure,
    gains.period_grain,
    gains.comparison,
    gains.entity_id,
    gains.entity_label,
    gains.value_share,
    gains.compared_share,
    gains.share_gain,
    gains.total_value,
    gains.compared_total_value,
    gains.period_start,
    gains.compared_start
from gains
left join changes
    on
        gains.dimension = changes.dimension
        and gains.period_grain = changes.period_grain
        and gains.period_start = changes.period_start
        and changes.comparison = 'year_earlier'
left join gains as year_gains
    on
        gains.dimension = year_gains.dimension
        and gains.period_grain = year_gains.period_grain
        and gains.entity_id = year_gains.entity_id
        and year_gains.comparison = 'year_earlier'
where changes.dimension is null or year_gains.entity_id is not null
