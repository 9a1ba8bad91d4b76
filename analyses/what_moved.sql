-- What moved in the latest complete periods, and is it more than noise?
-- rose and fell are corrected for the number of comparisons: q_value is the proportion
-- of false discoveries among the changes that are at least as clear. value_changes has
-- the money.
with

concentration_changes as (
    select * from {{ ref('concentration_changes') }}
    where is_comparable and measure = 'revenue'
),

latest as (
    select
        period_grain,
        max(period_start) as period_start
    from concentration_changes
    group by period_grain
)

select
    concentration_changes.dimension,
    concentration_changes.period_grain,
    concentration_changes.period_start,
    concentration_changes.comparison,
    concentration_changes.direction,
    concentration_changes.compared_hhi,
    concentration_changes.hhi,
    concentration_changes.change_z,
    concentration_changes.q_value
from concentration_changes
inner join latest
    on
        concentration_changes.period_grain = latest.period_grain
        and concentration_changes.period_start = latest.period_start
order by
    abs(concentration_changes.change_z) desc nulls last,
    concentration_changes.dimension,
    concentration_changes.period_grain,
    concentration_changes.comparison
