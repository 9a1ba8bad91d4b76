{#- Longer than others: the whole measure is compared as a further entity. -#}
{%- set main = "'" ~ main_measure() ~ "'" -%}
{%- set later = 'case when sides.is_later then' -%}
{%- set earlier = 'case when not sides.is_later then' -%}
with

comparisons as (
    select * from {{ ref('int_period_comparisons') }}
    where is_comparable and is_latest_complete
),

leading_entities as (
    select * from {{ ref('int_leading_entities') }}
    where measure = {{ main }} and {{ is_business_dimension('dimension') }}
),

entity_values as (
    select * from {{ ref('int_entity_values') }}
    where entity_key is not null
),

-- Every row with a date has a year, so the years of a period add up to the whole
-- measure. They are read separately, because DuckDB materialises a CTE that is used
-- several times.
year_values as (
    select * from {{ ref('int_entity_values') }}
    where dimension = 'year' and entity_key is not null
),

spectrum as (
    select * from {{ ref('int_value_spectrum') }}
    where membership = 'member' and total_value > 0 and measure = {{ main }}
),

-- Each pair of periods appears once under each of its periods.
sides as (
    select
        *,
        true as is_later,
        period_start as side_start
    from comparisons
    union all
    select
        *,
        false as is_later,
        compared_start as side_start
    from comparisons
),

wholes as (
    select
        year_values.period_grain,
        year_values.period_start,
        sum({{ measure_value(main, 'year_values') }}) as entity_value,
        sum({{ measure_squares(main, 'year_values') }}) as value_squares
    from year_values
    group by year_values.period_grain, year_values.period_start
),

totals as (
    select distinct
        dimension,
        period_grain,
        period_start,
        total_value
    from spectrum
    union all
    select
        'total' as dimension,
        period_grain,
        period_start,
        entity_value as total_value
    from wholes
),

movers as (
    select distinct
        leading_entities.dimension,
        leading_entities.entity_key,
        sides.period_grain,
        sides.comparison
    from sides
    inner join leading_entities
        on
            sides.period_grain = leading_entities.period_grain
            and sides.side_start = leading_entities.period_start
    union all
    select
        'total' as dimension,
        0 as entity_key,
        period_grain,
        comparison
    from comparisons
),

mover_values as (
    select
        entity_values.dimension,
        entity_values.entity_key,
        entity_values.period_grain,
        entity_values.period_start,
        {{ measure_value(main, 'entity_values') }} as entity_value,
        {{ measure_squares(main, 'entity_values') }} as value_squares
    from entity_values
    where
        entity_values.entity_key in (select movers.entity_key from movers)
        and entity_values.period_start in (select sides.side_start from sides)
    union all
    select
        'total' as dimension,
        0 as entity_key,
        wholes.*
    from wholes
),

-- An entity that is large in one period may be small or missing in the other.
compared as (
    select
        movers.dimension,
        movers.entity_key,
        sides.period_grain,
        sides.comparison,
        sides.day_count,
        sides.length_ratio,
        sides.period_start,
        sides.compared_start,
        coalesce(max({{ later }} mover_values.entity_value end), 0) as entity_value,
        coalesce(max({{ earlier }} mover_values.entity_value end), 0) as compared_value,
        coalesce(max({{ later }} mover_values.value_squares end), 0) as value_squares,
        coalesce(max({{ earlier }} mover_values.value_squares end), 0)
            as compared_squares,
        max({{ later }} totals.total_value end) as total_value,
        max({{ earlier }} totals.total_value end) as compared_total_value
    from movers
    inner join sides on {{ same_keys('movers', 'sides', 'period_grain, comparison') }}
    inner join totals
        on
            {{ same_keys('movers', 'totals', 'dimension, period_grain') }}
            and sides.side_start = totals.period_start
    left join mover_values
        on
            {{ same_keys(
                'movers', 'mover_values', 'dimension, entity_key, period_grain'
            ) }}
            and sides.side_start = mover_values.period_start
    group by
        movers.dimension,
        movers.entity_key,
        sides.period_grain,
        sides.comparison,
        sides.day_count,
        sides.length_ratio,
        sides.period_start,
        sides.compared_start
    having count(*) = 2
)

-- Entities that are too small in both periods together for a change worth reporting are
-- not tested. If nothing changed, the sum of both periods is independent of their
-- difference, so this choice keeps the tests valid (independent filtering).
select
    dimension,
    {{ main }} as measure,
    period_grain,
    comparison,
    entity_key,
    {% for column in [
        'entity_value', 'compared_value', 'value_squares', 'compared_squares',
        'total_value', 'compared_total_value'
    ] -%}
    cast({{ column }} as double) as {{ column }},
    {% endfor -%}
    cast(entity_value - compared_value as double) as value_change,
    {{ share_of('greatest(entity_value, 0)', 'total_value') }} as value_share,
    {{ share_of('greatest(compared_value, 0)', 'compared_total_value') }}
        as compared_share,
    day_count,
    length_ratio,
    period_start,
    compared_start
from compared
where
    abs(entity_value) + abs(compared_value)
    >= {{ var('register_share') }} * greatest(total_value, compared_total_value)
