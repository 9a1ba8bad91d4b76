with

lorenz_curves as (
    select * from {{ ref('lorenz_curves') }}
    where
        measure = '{{ main_measure() }}'
        and period_grain = 'all'
        and ({{ is_business_dimension('dimension') }} or dimension = 'hour')
),

curves as (
    select
        *,
        max(entity_count) over (partition by dimension, measure) as curve_entity_count,
        concat_ws(', ', dimension, 'all', measure, cast(point_number as string))
            as source_key
    from lorenz_curves
)

-- The curve of three or four entities is a few straight lines that say nothing.
select
    {{ report_fact(
        section='lorenz',
        source='lorenz_curves.value_share',
        key='source_key',
        series=dimension_label('dimension'),
        position='point_number',
        value='value_share',
        unit="'share'",
        compared='entity_share'
    ) }}
from curves
where curve_entity_count >= 5
