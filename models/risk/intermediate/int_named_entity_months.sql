with

value_pairs as (
    select * from {{ ref('int_value_pairs') }}
),

leaders as (
    select * from {{ ref('int_period_leaders') }}
    where {{ is_open_dimension('dimension') }}
),

entity_months as (
    select * from {{ ref('int_entity_months') }}
    where interactions > 0 and month_start != {{ undated_month() }}
),

entities as (
    select
        dimension,
        entity_key,
        entity_id
    from value_pairs
    union distinct
    select
        dimension,
        entity_key,
        entity_id
    from leaders
),

-- Every dated row has a year, so that the year of a month is all of it.
totals as (
    select
        'total' as dimension,
        '' as entity_id,
        month_start,
        {{ columns_of_sums() }}
    from entity_months
    where dimension = 'year'
),

named_months as (
    select
        entity_months.dimension,
        entities.entity_id,
        entity_months.month_start,
        {{ columns_of_sums('entity_months') }}
    from entity_months
    inner join entities
        on
            entity_months.dimension = entities.dimension
            and entity_months.entity_key = entities.entity_key
    union all
    select * from totals
)

select
    dimension,
    entity_id,
    month_start,
    interactions,
    cast({{ main_measure() }} as double) as entity_value,
    cast({{ main_measure() }}_squared as double) as value_squares
from named_months
