{#- Longer than others: the spectrum gives the values of the largest, which are then
    found and named. -#}
{%- set period = 'dimension, period_grain, period_start' -%}
with

spectrum as (
    select * from {{ ref('int_value_spectrum') }}
    where membership = 'member' and entity_value > 0
),

entity_values as (
    select * from {{ ref('int_entity_values') }}
    where entity_key is not null
),

labels as (select * from {{ ref('int_entity_labels') }}),

-- The smallest value among the largest entities, taken from the spectrum, so that
-- entities need no sorting.
floors as (
    select
        dimension,
        measure,
        period_grain,
        period_start,
        total_value,
        min(entity_value) as least_value,
        max(entity_value) as largest_value
    from spectrum
    where entities_above + entity_count <= {{ var('leading_entities') }}
    group by dimension, measure, period_grain, period_start, total_value
),

-- Most entities are large in no measure, so one check covers all measures.
period_floors as (
    select
        {{ period }},
        min(case when measure = 'interactions' then least_value end)
            as least_interactions,
        min(case when measure = 'purchases' then least_value end) as least_purchases,
        min(case when measure = 'revenue' then least_value end) as least_revenue
    from floors
    group by {{ period }}
),

large_entities as (
    select entity_values.*
    from entity_values
    inner join period_floors
        on {{ same_keys('entity_values', 'period_floors', period) }}
    where
        entity_values.interactions >= period_floors.least_interactions
        or entity_values.purchases >= period_floors.least_purchases
        or entity_values.revenue >= period_floors.least_revenue
),

leading_entities as (
    select
        floors.*,
        large_entities.entity_key,
        {{ measure_value('floors.measure', 'large_entities') }} as entity_value
    from floors
    inner join large_entities
        on
            {{ same_keys('floors', 'large_entities', period) }}
            and {{ measure_value('floors.measure', 'large_entities') }}
            >= floors.least_value
),

-- Only the largest are named.
named as (
    select
        leading_entities.*,
        labels.entity_id,
        labels.entity_label
    from leading_entities
    left join labels
        on
            {{ same_keys('leading_entities', 'labels', 'dimension, entity_key') }}
            and leading_entities.entity_value = leading_entities.largest_value
)

select
    dimension,
    measure,
    period_grain,
    entity_key,
    entity_id,
    entity_label,
    {{ share_of('entity_value', 'total_value') }} as value_share,
    cast(total_value as double) as total_value,
    -- Among equals, the first by id.
    coalesce(entity_id = min(entity_id) over (
        partition by dimension, measure, period_grain, period_start
    ), false) as is_largest,
    period_start
from named
