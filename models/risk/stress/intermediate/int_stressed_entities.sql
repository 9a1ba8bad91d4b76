with

scenarios as (select * from {{ ref('int_scenarios') }}),
indices as (select * from {{ ref('concentration_indices') }}),

entities as (
    select * from {{ ref('entity_concentration') }}
    where entity_value > 0
)

select
    scenarios.scenario_id,
    scenarios.scenario_bit,
    scenarios.dimension,
    scenarios.measure,
    entities.entity_id,
    entities.entity_label,
    entities.value_rank,
    entities.entity_value as value_before,
    -- As money rather than doubles, the rest adds up to the same digits every time.
    {{ rounded_to_sum(
        'cast(entities.entity_value as double)'
        ~ ' * (1 - cast(scenarios.lost_share as double))'
    ) }} as value_after
from scenarios
inner join entities on {{ same_keys('scenarios', 'entities', 'dimension, measure') }}
inner join indices
    on
        {{ same_keys('scenarios', 'indices', 'dimension, measure') }}
        and indices.period_grain = 'all'
where
    case scenarios.kind
        when 'entity'
            then scenarios.parameter in (entities.entity_id, entities.entity_label)
        when 'hours'
            then
                mod(
                    try_cast(entities.entity_id as integer) - scenarios.first_hour + 24,
                    24
                ) < scenarios.hour_count
        when 'top_count' then entities.value_rank <= scenarios.top_count
        else
            entities.value_rank
            <= ceil(indices.entity_count * scenarios.top_percent / 100.0)
    end
