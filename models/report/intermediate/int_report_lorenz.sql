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
        max(entity_count) over (partition by dimension, measure) as curve_entity_count
    from lorenz_curves
)

-- The curve of three or four entities is a few straight lines that say nothing.
select
    'lorenz' as section,
    {{ dimension_label('curves.dimension') }} as series,
    curves.point_number as position,
    cast(null as string) as label,
    curves.value_share as fact_value,
    'share' as unit,
    cast(null as double) as interval_low,
    cast(null as double) as interval_high,
    curves.entity_share as comparison_value,
    cast(null as string) as state,
    cast(null as string) as detail,
    'lorenz_curves' as source_model,
    'value_share' as source_column,
    concat(
        curves.dimension, ', all, ', curves.measure, ', ',
        cast(curves.point_number as string)
    ) as source_key
from curves
where curves.curve_entity_count >= 5
