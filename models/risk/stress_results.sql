with

outcomes as (
    select * from {{ ref('int_stress_outcomes') }}
),

scenarios as (
    select * from {{ ref('int_scenarios') }}
),

coverage as (
    select * from {{ ref('int_period_coverage') }}
    where period_grain = 'all'
),

limits as (
    select * from {{ ref('int_limits') }}
),

broken as (
    select
        outcomes.scenario_id,
        {{ joined_texts('limits.limit_id', 'limits.limit_id') }} as broken_limits
    from outcomes
    inner join scenarios on outcomes.scenario_id = scenarios.scenario_id
    inner join limits
        on
            (
                scenarios.dimension = limits.dimension
                or limits.dimension = '*'
                and {{ is_open_dimension('scenarios.dimension') }}
            )
            and scenarios.measure = limits.measure
            and limits.direction = 'above'
    cross join coverage
    where
        {{ is_in_force('limits', 'coverage') }}
        and case limits.indicator
            when 'hhi' then outcomes.hhi_after
            when 'hhi_normalized'
                then {{ normalized_hhi(
                    'outcomes.hhi_after', 'outcomes.entities_after'
                ) }}
            when 'cr1' then outcomes.cr1_after
            when 'entity_share' then outcomes.cr1_after
            when 'cr10' then outcomes.top_10_share_after
        end >= cast(limits.breach_at as double)
    group by outcomes.scenario_id
)

select
    outcomes.scenario_id,
    scenarios.dimension,
    scenarios.measure,
    scenarios.description,
    outcomes.first_entities,
    broken.broken_limits,
    cast(outcomes.entities_hit as bigint) as entities_hit,
    outcomes.value_before,
    outcomes.value_lost,
    outcomes.value_lost / nullif(outcomes.value_before, 0) as share_lost,
    outcomes.hhi_after,
    outcomes.cr1_after,
    outcomes.top_10_share_before,
    outcomes.top_10_share_after,
    broken.broken_limits is not null as breaks_limit
from outcomes
inner join scenarios on outcomes.scenario_id = scenarios.scenario_id
left join broken on outcomes.scenario_id = broken.scenario_id
