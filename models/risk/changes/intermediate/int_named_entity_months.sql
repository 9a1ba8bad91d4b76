with

value_pairs as (
    select * from {{ ref('int_value_pairs') }}
),

leading_entities as (
    select * from {{ ref('int_leading_entities') }}
    where is_largest and {{ is_open_dimension('dimension') }}
),

entity_months as (
    select
        dimension,
        entity_key,
        month_start,
        interactions,
        cast({{ main_measure() }} as double) as entity_value,
        cast({{ main_measure() }}_squared as double) as value_squares
    from {{ ref('int_entity_months') }}
    where interactions > 0 and month_start != {{ undated_month() }}
),

months as (
    select
        *,
        1e0 + {{ dbt.datediff('period_start', 'period_end', 'day') }} as day_count
    from {{ ref('int_period_coverage') }}
    where period_grain = 'month'
),

entities as (
    select
        dimension,
        entity_key
    from value_pairs
    union distinct
    select
        dimension,
        entity_key
    from leading_entities
),

-- Every dated row has a year, so that the year of a month is all of it.
seen_months as (
    select entity_months.*
    from entity_months
    inner join entities
        on {{ same_keys('entity_months', 'entities', 'dimension, entity_key') }}
    union all
    select
        'total' as dimension,
        0 as entity_key,
        month_start,
        interactions,
        entity_value,
        value_squares
    from entity_months
    where dimension = 'year'
),

seen_entities as (
    select distinct
        dimension,
        entity_key
    from seen_months
)

-- In a month in which an entity is not seen it brought nothing.
select
    seen_entities.dimension,
    seen_entities.entity_key,
    months.period_start as month_start,
    months.is_complete,
    months.day_count,
    coalesce(seen_months.interactions, 0) as interactions,
    coalesce(seen_months.entity_value, 0) as entity_value,
    coalesce(seen_months.value_squares, 0) as value_squares
from seen_entities
cross join months
left join seen_months
    on
        {{ same_keys('seen_entities', 'seen_months', 'dimension, entity_key') }}
        and months.period_start = seen_months.month_start
