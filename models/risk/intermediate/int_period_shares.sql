with

entity_values as (
    select * from {{ ref('int_entity_values') }}
    where entity_id is not null
),

indices as (
    select * from {{ ref('concentration_indices') }}
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
    where {{ measure }} > 0
    {{ 'union all' if not loop.last }}
    {%- endfor %}
)

select
    entity_measures.dimension,
    entity_measures.measure,
    entity_measures.period_grain,
    entity_measures.entity_id,
    {{ share_of('entity_measures.entity_value', 'indices.total_value') }}
        as value_share,
    entity_measures.period_start
from entity_measures
inner join indices
    on
        entity_measures.dimension = indices.dimension
        and entity_measures.measure = indices.measure
        and entity_measures.period_grain = indices.period_grain
        and entity_measures.period_start = indices.period_start
