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

touched as (
    select distinct
        scenario_id,
        dimension,
        measure,
        period_grain
    from losses
),

changed as (
    select
        losses.scenario_id,
        losses.dimension,
        losses.measure,
        losses.period_grain,
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
        touched.scenario_id,
        touched.dimension,
        touched.measure,
        touched.period_grain,
        spectrum.entity_value,
        spectrum.entity_count
    from touched
    inner join spectrum
        on
            touched.dimension = spectrum.dimension
            and touched.measure = spectrum.measure
            and touched.period_grain = spectrum.period_grain
    union all
    select
        scenario_id,
        dimension,
        measure,
        period_grain,
        value_before as entity_value,
        -1 as entity_count
    from changed
    where value_before > 0
    union all
    select
        scenario_id,
        dimension,
        measure,
        period_grain,
        value_after as entity_value,
        1 as entity_count
    from changed
),

remaining as (
    select
        scenario_id,
        dimension,
        measure,
        period_grain,
        entity_value,
        sum(entity_count) as entity_count,
        entity_value * sum(entity_count) as group_value
    from moves
    where entity_value > 0
    group by scenario_id, dimension, measure, period_grain, entity_value
    having sum(entity_count) > 0
)

select
    *,
    sum(entity_count) over whole as member_count,
    sum(group_value) over whole as total_value,
    coalesce(sum(entity_count) over above, 0) as entities_above
from remaining
window
    whole as (partition by scenario_id, dimension, measure, period_grain),
    above as (
        partition by scenario_id, dimension, measure, period_grain
        order by entity_value desc
        rows between unbounded preceding and 1 preceding
    )
