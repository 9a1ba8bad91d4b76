-- Who is behind the change of customer concentration in the latest month compared?
-- The contributions add up to the change in HHI; the sign says who drove and who damped it.
with

change_contributors as (
    select * from {{ ref('change_contributors') }}
    where
        dimension = 'customer'
        and measure = 'revenue'
        and period_grain = 'month'
        and comparison = 'previous'
),

latest as (
    select max(period_start) as period_start
    from change_contributors
)

select
    change_contributors.period_start,
    contribution_rank,
    entity_label,
    movement,
    compared_share,
    value_share,
    contribution
from change_contributors
inner join latest on change_contributors.period_start = latest.period_start
order by contribution_rank
