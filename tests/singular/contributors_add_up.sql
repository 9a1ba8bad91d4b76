-- HHI and the shares are doubles of different sums: they agree except for the last
-- digits.
with

changes as (
    select * from {{ ref('concentration_changes') }}
    where is_comparable and hhi_change is not null
),

change_contributors as (select * from {{ ref('change_contributors') }}),

added as (
    select
        dimension,
        measure,
        period_grain,
        comparison,
        period_start,
        sum(contribution) as contribution
    from change_contributors
    group by dimension, measure, period_grain, comparison, period_start
)

select
    changes.dimension,
    changes.measure,
    changes.period_grain,
    changes.comparison,
    changes.period_start,
    changes.hhi_change,
    added.contribution
from changes
left join added
    on
        changes.dimension = added.dimension
        and changes.measure = added.measure
        and changes.period_grain = added.period_grain
        and changes.comparison = added.comparison
        and changes.period_start = added.period_start
where
    added.contribution is null
    or abs(changes.hhi_change - added.contribution) > 1e-12
