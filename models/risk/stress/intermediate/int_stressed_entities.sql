with

scenarios as (
    {{ rules('scenarios', ref('stress_scenarios')) }}
),

indices as (
    select * from {{ ref('concentration_indices') }}
    where period_grain = 'all'
),

entities as (
    select * from {{ ref('entity_concentration') }}
    where entity_value > 0
),

numbered as (
    select
        *,
        row_number() over (order by scenario_id) as scenario_number,
        try_cast(split_part(parameter, '-', 1) as integer) as first_hour,
        try_cast(split_part(parameter, '-', 2) as integer) as last_hour
    from scenarios
)

select
    numbered.scenario_id,
    case
        when numbered.scenario_number <= {{ most_bits() }}
            then cast(power(2, numbered.scenario_number - 1) as bigint)
    end as scenario_bit,
    numbered.dimension,
    numbered.measure,
    numbered.kind,
    numbered.parameter,
    numbered.lost_share,
    {{ in_own_words('numbered.description') }} as description,
    entities.entity_id,
    entities.entity_label,
    row_number() over (
        partition by numbered.scenario_number
        order by entities.value_rank
    ) as place,
    entities.entity_value as value_before,
    -- As money rather than doubles, the rest adds up to the same digits every time.
    {{ rounded_to_sum(
        'cast(entities.entity_value as double)'
        ~ ' * (1 - cast(numbered.lost_share as double))'
    ) }} as value_after
from numbered
left join indices on {{ same_keys('numbered', 'indices', 'dimension, measure') }}
left join entities
    on
        {{ same_keys('numbered', 'entities', 'dimension, measure') }}
        and case numbered.kind
            when 'entity'
                then numbered.parameter in (entities.entity_id, entities.entity_label)
            when 'hours'
                -- The clock is a circle: 22-2 are the hours from 22:00 to 2:59.
                then
                    mod(
                        try_cast(entities.entity_id as integer)
                        - numbered.first_hour + 24, 24
                    ) <= mod(numbered.last_hour - numbered.first_hour + 24, 24)
            when 'top_count'
                then entities.value_rank <= try_cast(numbered.parameter as double)
            when 'top_percent'
                then
                    entities.value_rank <= ceil(
                        indices.entity_count
                        * try_cast(numbered.parameter as decimal(9, 4)) / 100.0
                    )
        end
