with

reverse_stress as (
    select
        *,
        row_number() over (
            order by {{ dimension_place('dimension') }}, target
        ) as position,
        concat(
            {{ dimension_label('dimension') }}, ': how many must go to lose ',
            {{ target_words('target') }}, ' of ', {{ measure_words('measure') }}
        ) as label,
        concat(first_entities, {{ and_more('entity_count') }}) as detail,
        concat('lose_share, ', dimension, ', ', cast(target as string)) as source_key
    from {{ ref('reverse_stress') }}
    where question = 'lose_share'
)

select
    {{ report_fact(
        section='reverse_stress',
        source='reverse_stress.entity_count',
        key='source_key',
        series=dimension_label('dimension'),
        position='position',
        label='label',
        value='entity_count',
        unit="'count'",
        compared='target',
        detail='detail'
    ) }}
from reverse_stress
