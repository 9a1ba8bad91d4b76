with

value_changes as (
    select * from {{ ref('int_value_changes') }}
),

entity_months as (
    select * from {{ ref('int_entity_months') }}
),

changed_entities as (
    select distinct
        dimension,
        entity_id
    from value_changes
),

last_months as (
    select max(month_start) as last_month from {{ ref('int_periods') }}
),

spans as (
    select
        entity_months.dimension,
        entity_months.entity_id,
        min(entity_months.month_start) as first_month,
        max(entity_months.month_start) as last_month
    from entity_months
    inner join changed_entities
        on
            entity_months.dimension = changed_entities.dimension
            and entity_months.entity_id = changed_entities.entity_id
    where entity_months.interactions > 0
    group by entity_months.dimension, entity_months.entity_id
)

select
    spans.dimension,
    spans.entity_id,
    spans.first_month,
    spans.last_month,
    spans.last_month = last_months.last_month as is_in_last_month
from spans
cross join last_months
