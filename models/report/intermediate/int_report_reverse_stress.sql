with

reverse_stress as (
    select * from {{ ref('reverse_stress') }}
    where question = 'lose_share'
)

select
    'reverse_stress' as section,
    {{ dimension_label('dimension') }} as series,
    cast(
        row_number() over (
            order by {{ dimension_place('dimension') }}, target
        ) as integer
    ) as position,
    concat(
        {{ dimension_label('dimension') }}, ': how many must go to lose ',
        {{ target_words('target') }}, ' of ', {{ measure_words('measure') }}
    ) as label,
    cast(entity_count as double) as fact_value,
    'count' as unit,
    cast(null as double) as interval_low,
    cast(null as double) as interval_high,
    target as comparison_value,
    cast(null as string) as state,
    concat(first_entities, {{ and_more('entity_count') }}) as detail,
    'reverse_stress' as source_model,
    'entity_count' as source_column,
    concat('lose_share, ', dimension, ', ', cast(target as string)) as source_key
from reverse_stress
