with

changes as (
    select * from {{ ref('int_hhi_changes') }}
    where is_comparable and hhi_change is not null
),

leading_entities as (
    select * from {{ ref('int_leading_entities') }}
),

entity_values as (
    select * from {{ ref('int_entity_values') }}
    where entity_key is not null
),

indices as (
    select * from {{ ref('concentration_indices') }}
),

compared_indices as (
    select * from indices
),

movers as (
    select distinct
        changes.dimension,
        changes.measure,
        changes.period_grain,
        changes.comparison,
        leading_entities.entity_key,
        changes.period_start,
        changes.compared_start
    from changes
    inner join leading_entities
        on
            changes.dimension = leading_entities.dimension
            and changes.measure = leading_entities.measure
            and changes.period_grain = leading_entities.period_grain
            and leading_entities.period_start
            in (changes.period_start, changes.compared_start)
),

moving_entities as (
    select distinct
        dimension,
        period_grain,
        entity_key
    from movers
),

mover_values as (
    select entity_values.*
    from entity_values
    inner join moving_entities
        on
            entity_values.dimension = moving_entities.dimension
            and entity_values.period_grain = moving_entities.period_grain
            and entity_values.entity_key = moving_entities.entity_key
),

compared_values as (
    select * from mover_values
),

-- Who is large in one period may be anything in the other, or be missing there.
valued as (
    select
        movers.*,
        coalesce({{ measure_value('movers.measure', 'mover_values') }}, 0)
            as entity_value,
        coalesce({{ measure_value('movers.measure', 'compared_values') }}, 0)
            as compared_value,
        coalesce({{ measure_squares('movers.measure', 'mover_values') }}, 0)
            as value_squares,
        coalesce({{ measure_squares('movers.measure', 'compared_values') }}, 0)
            as compared_squares,
        indices.total_value,
        compared_indices.total_value as compared_total_value
    from movers
    inner join indices
        on
            movers.dimension = indices.dimension
            and movers.measure = indices.measure
            and movers.period_grain = indices.period_grain
            and movers.period_start = indices.period_start
    inner join compared_indices
        on
            movers.dimension = compared_indices.dimension
            and movers.measure = compared_indices.measure
            and movers.period_grain = compared_indices.period_grain
            and movers.compared_start = compared_indices.period_start
    left join mover_values
        on
            movers.dimension = mover_values.dimension
            and movers.period_grain = mover_values.period_grain
            and movers.period_start = mover_values.period_start
            and movers.entity_key = mover_values.entity_key
    left join compared_values
        on
            movers.dimension = compared_values.dimension
            and movers.period_grain = compared_values.period_grain
            and movers.compared_start = compared_values.period_start
            and movers.entity_key = compared_values.entity_key
)

select
    *,
    coalesce({{ share_of('greatest(entity_value, 0)', 'total_value') }}, 0)
        as value_share,
    coalesce({{ share_of('greatest(compared_value, 0)', 'compared_total_value') }}, 0)
        as compared_share
from valued
