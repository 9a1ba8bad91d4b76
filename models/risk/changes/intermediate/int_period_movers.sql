{#- Longer than others: the whole is compared as one more entity, and only values of the
    movers go into the joins. -#}
{%- set period = 'dimension, measure, period_grain, period_start' -%}
{%- set main = "'" ~ main_measure() ~ "'" -%}
with

comparisons as (
    select * from {{ ref('int_period_comparisons') }}
    where is_comparable
),

leading_entities as (
    select * from {{ ref('int_leading_entities') }}
),

entity_values as (
    select * from {{ ref('int_entity_values') }}
    where entity_key is not null
),

totals as (
    select distinct
        dimension,
        measure,
        period_grain,
        period_start,
        total_value
    from {{ ref('int_value_spectrum') }}
    where membership = 'member' and total_value > 0
),

compared_totals as (
    select * from totals
),

-- Each pair of periods under the one and under the other.
sides as (
    select
        *,
        period_start as side_start
    from comparisons
    union all
    select
        *,
        compared_start as side_start
    from comparisons
),

movers as (
    select distinct
        leading_entities.dimension,
        leading_entities.measure,
        sides.period_grain,
        sides.comparison,
        leading_entities.entity_key,
        sides.period_start,
        sides.compared_start
    from sides
    inner join leading_entities
        on
            sides.period_grain = leading_entities.period_grain
            and sides.side_start = leading_entities.period_start
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
        on {{ same_keys(
            'entity_values', 'moving_entities', 'dimension, period_grain, entity_key'
        ) }}
),

compared_values as (
    select * from mover_values
),

-- Every dated row has a year, so that the years of a period are all of it.
wholes as (
    select
        entity_values.period_grain,
        entity_values.period_start,
        sum({{ measure_value(main, 'entity_values') }}) as whole_value,
        sum({{ measure_squares(main, 'entity_values') }}) as whole_squares
    from entity_values
    where entity_values.dimension = 'year'
    group by entity_values.period_grain, entity_values.period_start
),

compared_wholes as (
    select * from wholes
),

-- An entity that is large in one period may be small or missing in the other.
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
        totals.total_value,
        compared_totals.total_value as compared_total_value
    from movers
    inner join totals on {{ same_keys('movers', 'totals', period) }}
    inner join compared_totals
        on
            {{ same_keys(
                'movers', 'compared_totals', 'dimension, measure, period_grain'
            ) }}
            and movers.compared_start = compared_totals.period_start
    left join mover_values
        on {{ same_keys(
            'movers', 'mover_values',
            'dimension, period_grain, period_start, entity_key'
        ) }}
    left join compared_values
        on
            {{ same_keys(
                'movers', 'compared_values', 'dimension, period_grain, entity_key'
            ) }}
            and movers.compared_start = compared_values.period_start
    union all
    select
        'total' as dimension,
        {{ main }} as measure,
        comparisons.period_grain,
        comparisons.comparison,
        0 as entity_key,
        comparisons.period_start,
        comparisons.compared_start,
        wholes.whole_value as entity_value,
        compared_wholes.whole_value as compared_value,
        wholes.whole_squares as value_squares,
        compared_wholes.whole_squares as compared_squares,
        wholes.whole_value as total_value,
        compared_wholes.whole_value as compared_total_value
    from comparisons
    inner join wholes
        on {{ same_keys('comparisons', 'wholes', 'period_grain, period_start') }}
    inner join compared_wholes
        on
            comparisons.period_grain = compared_wholes.period_grain
            and comparisons.compared_start = compared_wholes.period_start
)

select
    valued.dimension,
    valued.measure,
    valued.period_grain,
    valued.comparison,
    valued.entity_key,
    {% for column in [
        'entity_value', 'compared_value', 'value_squares', 'compared_squares',
        'total_value', 'compared_total_value'
    ] -%}
    cast(valued.{{ column }} as double) as {{ column }},
    {% endfor -%}
    cast(valued.entity_value - valued.compared_value as double) as value_change,
    coalesce({{ share_of(
        'greatest(valued.entity_value, 0)', 'valued.total_value'
    ) }}, 0) as value_share,
    coalesce({{ share_of(
        'greatest(valued.compared_value, 0)', 'valued.compared_total_value'
    ) }}, 0) as compared_share,
    comparisons.day_count,
    comparisons.length_ratio,
    -- Entities that are too small, in both periods together, to have moved by what is
    -- worth a line are not tested. Where nothing changed the sum of both periods is
    -- independent of their difference, so this choice keeps the tests valid
    -- (independent filtering).
    comparisons.is_latest_complete
    and valued.measure = {{ main }}
    and {{ is_business_dimension('valued.dimension') }}
    and abs(valued.entity_value) + abs(valued.compared_value)
    >= {{ var('register_share') }}
    * greatest(valued.total_value, valued.compared_total_value) as is_tested,
    valued.period_start,
    valued.compared_start
from valued
inner join comparisons
    on {{ same_keys(
        'valued', 'comparisons', 'period_grain, comparison, period_start'
    ) }}
