with

comparisons as (
    select * from {{ ref('int_period_comparisons') }}
    where is_comparable and is_latest_complete
),

movers as (
    select * from {{ ref('int_period_movers') }}
    where measure = '{{ main_measure() }}' and {{ is_open_dimension('dimension') }}
),

totals as (
    select * from {{ ref('int_total_changes') }}
),

labels as (
    select * from {{ ref('int_entity_labels') }}
),

-- Who brought too little in both periods together to have moved by what is worth a line
-- is not asked. The sum of both says nothing of their difference where nothing changed:
-- so to choose by it takes nothing from the tests (independent filtering).
candidates as (
    select
        movers.dimension,
        movers.measure,
        movers.period_grain,
        movers.comparison,
        movers.entity_key,
        movers.entity_value,
        movers.compared_value,
        movers.value_squares,
        movers.compared_squares,
        movers.total_value,
        movers.compared_total_value,
        movers.period_start,
        movers.compared_start
    from movers
    where
        abs(movers.entity_value) + abs(movers.compared_value)
        >= {{ var('register_share') }}
        * greatest(movers.total_value, movers.compared_total_value)
    union all
    select
        'total' as dimension,
        measure,
        period_grain,
        comparison,
        cast(null as bigint) as entity_key,
        total_value as entity_value,
        compared_total_value as compared_value,
        total_squares as value_squares,
        compared_total_squares as compared_squares,
        total_value,
        compared_total_value,
        period_start,
        compared_start
    from totals
),

measured as (
    select
        candidates.dimension,
        candidates.measure,
        candidates.period_grain,
        candidates.comparison,
        candidates.entity_key,
        -- The whole has no entity.
        coalesce(labels.entity_id, '') as entity_id,
        cast(candidates.entity_value as double) as entity_value,
        cast(candidates.compared_value as double) as compared_value,
        cast(candidates.entity_value - candidates.compared_value as double)
            as value_change,
        cast(candidates.value_squares as double) as value_squares,
        cast(candidates.compared_squares as double) as compared_squares,
        cast(candidates.total_value as double) as total_value,
        cast(candidates.compared_total_value as double) as compared_total_value,
        comparisons.day_count,
        comparisons.length_ratio,
        candidates.period_start,
        candidates.compared_start
    from candidates
    inner join comparisons
        on
            candidates.period_grain = comparisons.period_grain
            and candidates.comparison = comparisons.comparison
            and candidates.period_start = comparisons.period_start
    left join labels
        on
            candidates.dimension = labels.dimension
            and candidates.entity_key = labels.entity_key
)

select * from measured
