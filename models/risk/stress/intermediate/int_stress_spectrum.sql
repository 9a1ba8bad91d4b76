{#- Longer than others: the dimension that is hit and those with limits take the
    same way. -#}
with

scenarios as (
    select * from {{ ref('int_scenarios') }}
),

stressed_entities as (
    select * from {{ ref('int_stressed_entities') }}
),

losses as (
    select * from {{ ref('int_stress_losses') }}
),

latest as (
    select * from {{ ref('int_period_coverage') }}
    where is_latest_complete
),

all_values as (
    select * from {{ ref('int_entity_values') }}
),

all_groups as (
    select * from {{ ref('int_value_spectrum') }}
    where membership = 'member'
),

entity_values as (
    select all_values.*
    from all_values
    inner join latest
        on {{ same_keys('all_values', 'latest', 'period_grain, period_start') }}
),

spectrum as (
    select all_groups.*
    from all_groups
    inner join latest
        on {{ same_keys('all_groups', 'latest', 'period_grain, period_start') }}
),

-- What a scenario does to the dimension that it hits, and to each that has a limit.
tries as (
    select
        -scenario_number as try_number,
        scenario_id,
        dimension,
        measure,
        'all' as period_grain,
        true as is_own_dimension
    from scenarios
    union all
    select distinct
        try_number,
        scenario_id,
        dimension,
        measure,
        period_grain,
        false as is_own_dimension
    from losses
),

changed as (
    select
        tries.try_number,
        stressed_entities.value_before,
        stressed_entities.value_after
    from stressed_entities
    inner join tries
        on {{ same_keys(
            'stressed_entities', 'tries', 'scenario_id, dimension, measure'
        ) }}
    where tries.is_own_dimension
    union all
    select
        losses.try_number,
        {{ measure_value('losses.measure', 'entity_values') }} as value_before,
        {{ measure_value('losses.measure', 'entity_values') }} - losses.value_lost
            as value_after
    from losses
    inner join entity_values
        on {{ same_keys(
            'losses', 'entity_values', 'dimension, period_grain, entity_key'
        ) }}
),

-- An entity that loses something moves to a smaller value; the others stay.
moves as (
    select
        tries.try_number,
        spectrum.entity_value,
        spectrum.entity_count
    from tries
    inner join spectrum
        on {{ same_keys('tries', 'spectrum', 'dimension, measure, period_grain') }}
    union all
    select
        try_number,
        value_before as entity_value,
        -1 as entity_count
    from changed
    union all
    select
        try_number,
        value_after as entity_value,
        1 as entity_count
    from changed
),

remaining as (
    select
        try_number,
        entity_value,
        sum(entity_count) as entity_count,
        entity_value * sum(entity_count) as group_value
    from moves
    where entity_value > 0
    group by try_number, entity_value
    having sum(entity_count) > 0
),

placed as (
    select
        *,
        sum(entity_count) over (partition by try_number) as member_count,
        sum(group_value) over (partition by try_number) as total_value,
        coalesce(sum(entity_count) over (
            partition by try_number
            order by entity_value desc
            rows between unbounded preceding and 1 preceding
        ), 0) as entities_above
    from remaining
)

select
    tries.scenario_id,
    tries.dimension,
    tries.measure,
    tries.period_grain,
    tries.is_own_dimension,
    placed.entity_value,
    placed.entity_count,
    placed.group_value,
    placed.member_count,
    placed.total_value,
    placed.entities_above
from placed
inner join tries on placed.try_number = tries.try_number
