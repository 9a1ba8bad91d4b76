with

losses as (
    select * from {{ ref('int_stress_losses') }}
),

coverage as (
    select * from {{ ref('int_period_coverage') }}
    where is_latest_complete
),

all_values as (
    select * from {{ ref('int_entity_values') }}
),

all_groups as (
    select * from {{ ref('int_value_spectrum') }}
    where standing = 'member'
),

entity_values as (
    select all_values.*
    from all_values
    inner join coverage
        on
            all_values.period_grain = coverage.period_grain
            and all_values.period_start = coverage.period_start
),

spectrum as (
    select all_groups.*
    from all_groups
    inner join coverage
        on
            all_groups.period_grain = coverage.period_grain
            and all_groups.period_start = coverage.period_start
),

tries as (
    select distinct
        try_number,
        scenario_id,
        dimension,
        measure,
        period_grain
    from losses
),

changed as (
    select
        losses.try_number,
        {{ measure_value('losses.measure', 'entity_values') }} as value_before,
        {{ measure_value('losses.measure', 'entity_values') }} - losses.value_lost
            as value_after
    from losses
    inner join entity_values
        on
            losses.dimension = entity_values.dimension
            and losses.period_grain = entity_values.period_grain
            and losses.entity_key = entity_values.entity_key
),

-- Who loses something leaves its value and comes to another; the others stay.
moves as (
    select
        tries.try_number,
        spectrum.entity_value,
        spectrum.entity_count
    from tries
    inner join spectrum
        on
            tries.dimension = spectrum.dimension
            and tries.measure = spectrum.measure
            and tries.period_grain = spectrum.period_grain
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

{{ spectrum_after_moves('try_number') }}

select
    tries.scenario_id,
    tries.dimension,
    tries.measure,
    tries.period_grain,
    placed.entity_value,
    placed.entity_count,
    placed.group_value,
    placed.member_count,
    placed.total_value,
    placed.entities_above
from placed
inner join tries on placed.try_number = tries.try_number
