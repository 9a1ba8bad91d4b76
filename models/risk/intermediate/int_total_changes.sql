with

comparisons as (
    select * from {{ ref('int_period_comparisons') }}
    where is_comparable and is_latest_complete
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
        '{{ main_measure() }}' as measure,
        sum({{ measure_value("'" ~ main_measure() ~ "'", 'entity_values') }})
            as total_value,
        sum({{ measure_squares("'" ~ main_measure() ~ "'", 'entity_values') }})
            as total_squares
    from entity_values
    group by entity_values.period_grain, entity_values.period_start
),

compared_totals as (
    select * from totals
)

select
    totals.measure,
    comparisons.period_grain,
    comparisons.comparison,
    totals.total_value,
    compared_totals.total_value as compared_total_value,
    totals.total_squares,
    compared_totals.total_squares as compared_total_squares,
    comparisons.period_start,
    comparisons.compared_start
from comparisons
inner join totals
    on
        comparisons.period_grain = totals.period_grain
        and comparisons.period_start = totals.period_start
inner join compared_totals
    on
        comparisons.period_grain = compared_totals.period_grain
        and comparisons.compared_start = compared_totals.period_start
