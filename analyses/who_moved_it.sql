-- Who is behind the change in customer concentration in the latest compared month?
-- The contributions add up to the change in HHI; the sign says which entities drove it
-- and which reduced it.
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
    change_contributors.contribution_rank,
    change_contributors.entity_label,
    change_contributors.movement,
    change_contributors.compared_share,
    change_contributors.value_share,
    change_contributors.contribution
from change_contributors
inner join latest on change_contributors.period_start = latest.period_start
order by change_contributors.contribution_rank
