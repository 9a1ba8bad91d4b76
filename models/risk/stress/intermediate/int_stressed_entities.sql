with

scenarios as (select * from {{ ref('int_scenarios') }}),

entities as (
    select * from {{ ref('entity_concentration') }}
    where entity_value > 0
),

-- The spectrum has these values, so the entities are read only once.
counts as (
    select
        dimension,
        measure,
        sum(entity_count) as entity_count
    from {{ ref('int_value_spectrum') }}
    where period_grain = 'all' and membership = 'member' and entity_value > 0
    group by dimension, measure
),

bounds as (
    select
        scenarios.*,
        case scenarios.kind
            when 'top_count' then try_cast(scenarios.parameter as double)
            when 'top_percent'
                then
                    ceil(
                        counts.entity_count
                        * try_cast(scenarios.parameter as decimal(9, 4)) / 100.0
                    )
        end as last_rank,
        try_cast(split_part(scenarios.parameter, '-', 1) as integer) as first_hour,
        try_cast(split_part(scenarios.parameter, '-', 2) as integer) as last_hour
    from scenarios
    inner join counts on {{ same_keys('scenarios', 'counts', 'dimension, measure') }}
)

select
    bounds.scenario_id,
    bounds.scenario_bit,
    bounds.dimension,
    bounds.measure,
    entities.entity_id,
    entities.entity_label,
    entities.value_rank,
    entities.entity_value as value_before,
    -- As money rather than doubles, the rest adds up to the same digits every time.
    {{ rounded_to_sum(
        'cast(entities.entity_value as double)'
        ~ ' * (1 - cast(bounds.lost_share as double))'
    ) }} as value_after
from bounds
inner join entities on {{ same_keys('bounds', 'entities', 'dimension, measure') }}
where
    case bounds.kind
        when 'entity'
            then bounds.parameter in (entities.entity_id, entities.entity_label)
        when 'hours'
            -- The clock is a circle: 22-2 are the hours from 22:00 to 2:59.
            then
                mod(
                    try_cast(entities.entity_id as integer) - bounds.first_hour + 24, 24
                ) <= mod(bounds.last_hour - bounds.first_hour + 24, 24)
        else entities.value_rank <= bounds.last_rank
    end
