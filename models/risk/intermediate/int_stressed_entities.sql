with

entities as (
    select * from {{ ref('entity_concentration') }}
    where entity_value > 0
),

stress_scenarios as (
    select * from {{ ref('int_scenarios') }}
),

-- Asked of the spectrum, which knows them: entities are looked at once.
counts as (
    select
        dimension,
        measure,
        sum(entity_count) as entity_count
    from {{ ref('int_value_spectrum') }}
    where period_grain = 'all' and standing = 'member' and entity_value > 0
    group by dimension, measure
),

scenarios as (
    select
        stress_scenarios.*,
        case stress_scenarios.kind
            when 'top_count' then try_cast(stress_scenarios.parameter as double)
            when 'top_percent'
                then
                    ceil(
                        counts.entity_count
                        * try_cast(stress_scenarios.parameter as decimal(9, 4))
                        / 100.0
                    )
        end as last_rank,
        try_cast(split_part(stress_scenarios.parameter, '-', 1) as integer)
            as first_hour,
        try_cast(split_part(stress_scenarios.parameter, '-', 2) as integer)
            as last_hour
    from stress_scenarios
    inner join counts
        on
            stress_scenarios.dimension = counts.dimension
            and stress_scenarios.measure = counts.measure
)

select
    scenarios.scenario_id,
    entities.entity_id,
    entities.entity_label,
    entities.value_rank,
    entities.entity_value as value_before,
    -- In money, not in doubles: what is left adds up to the same digits every time.
    {{ rounded_to_sum(
        'cast(entities.entity_value as double)'
        ~ ' * (1 - cast(scenarios.lost_share as double))'
    ) }} as value_after
from scenarios
inner join entities
    on
        scenarios.dimension = entities.dimension
        and scenarios.measure = entities.measure
where
    case scenarios.kind
        when 'entity'
            then scenarios.parameter in (entities.entity_id, entities.entity_label)
        when 'hours'
            -- Round the clock: 22-2 are the hours from 22:00 to 2:59.
            then
                mod(
                    try_cast(entities.entity_id as integer)
                    - scenarios.first_hour + 24, 24
                )
                <= mod(scenarios.last_hour - scenarios.first_hour + 24, 24)
        else entities.value_rank <= scenarios.last_rank
    end
