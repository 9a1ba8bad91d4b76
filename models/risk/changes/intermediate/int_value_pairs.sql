with

comparisons as (
    select * from {{ ref('int_period_comparisons') }}
    where is_comparable and is_latest_complete
),

movers as (
    select * from {{ ref('int_period_movers') }}
    where measure = '{{ main_measure() }}' and {{ is_open_dimension('dimension') }}
),

entity_values as (
    select * from {{ ref('int_entity_values') }}
    where dimension = 'year' and entity_key is not null
),

-- Every dated row has a year, so that the years of a period are all of it.
totals as (
    select
        entity_values.period_grain,
        entity_values.period_start,
        sum({{ measure_value("'" ~ main_measure() ~ "'", 'entity_values') }})
            as total_value,
        sum({{ measure_squares("'" ~ main_measure() ~ "'", 'entity_values') }})
            as total_squares
    from entity_values
    group by entity_values.period_grain, entity_values.period_start
),

compared_totals as (
    select * from totals
),

-- Who brought too little in both periods together to have moved by what is worth a line
-- is not asked. The sum of both says nothing of their difference where nothing changed:
-- so to choose by it takes nothing from the tests (independent filtering).
pairs as (
    select
        dimension,
        period_grain,
        comparison,
        entity_key,
        entity_value,
        compared_value,
        value_squares,
        compared_squares,
        total_value,
        compared_total_value,
        period_start
    from movers
    where
        abs(entity_value) + abs(compared_value)
        >= {{ var('register_share') }} * greatest(total_value, compared_total_value)
    union all
    select
        'total' as dimension,
        comparisons.period_grain,
        comparisons.comparison,
        0 as entity_key,
        totals.total_value as entity_value,
        compared_totals.total_value as compared_value,
        totals.total_squares as value_squares,
        compared_totals.total_squares as compared_squares,
        totals.total_value,
        compared_totals.total_value as compared_total_value,
        comparisons.period_start
    from comparisons
    inner join totals
        on {{ same_keys('comparisons', 'totals', 'period_grain, period_start') }}
    inner join compared_totals
        on
            comparisons.period_grain = compared_totals.period_grain
            and comparisons.compared_start = compared_totals.period_start
)

select
    pairs.dimension,
    '{{ main_measure() }}' as measure,
    pairs.period_grain,
    pairs.comparison,
    pairs.entity_key,
    {% for column in [
        'entity_value', 'compared_value', 'value_squares', 'compared_squares',
        'total_value', 'compared_total_value'
    ] -%}
    cast(pairs.{{ column }} as double) as {{ column }},
    {% endfor -%}
    cast(pairs.entity_value - pairs.compared_value as double) as value_change,
    comparisons.day_count,
    comparisons.length_ratio,
    comparisons.period_start,
    comparisons.compared_start
from pairs
inner join comparisons
    on {{ same_keys('pairs', 'comparisons', 'period_grain, comparison, period_start') }}
