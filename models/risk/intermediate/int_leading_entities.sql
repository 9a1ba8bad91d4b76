with

spectrum as (
    select * from {{ ref('int_value_spectrum') }}
    where standing = 'member' and entity_value > 0
),

entity_values as (
    select * from {{ ref('int_entity_values') }}
    where entity_id is not null
),

-- What an entity has to bring to be among the largest, read off the spectrum: the
-- entities themselves need no sorting.
floors as (
    select
        dimension,
        period_grain,
        period_start,
        measure,
        min(entity_value) as least_value,
        max(total_value) as total_value
    from spectrum
    where entities_above + entity_count <= {{ var('leading_entities') }}
    group by dimension, period_grain, period_start, measure
),

entity_measures as (
    {%- for measure in measures() %}
    select
        dimension,
        period_grain,
        period_start,
        entity_id,
        '{{ measure }}' as measure,
        cast({{ measure }} as {{ money_sum_type() }}) as entity_value
    from entity_values
    {{ 'union all' if not loop.last }}
    {%- endfor %}
)

select
    entity_measures.dimension,
    entity_measures.measure,
    entity_measures.period_grain,
    entity_measures.entity_id,
    {{ share_of('entity_measures.entity_value', 'floors.total_value') }} as value_share,
    cast(floors.total_value as double) as total_value,
    entity_measures.period_start
from entity_measures
inner join floors
    on
        entity_measures.dimension = floors.dimension
        and entity_measures.measure = floors.measure
        and entity_measures.period_grain = floors.period_grain
        and entity_measures.period_start = floors.period_start
        and entity_measures.entity_value >= floors.least_value
