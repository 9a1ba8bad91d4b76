with

cells as (
    select
        *,
        {{ weekday_number('row_id') }} as weekday_number
    from {{ ref('concentration_matrix') }}
    where
        measure = '{{ main_measure() }}'
        and row_dimension = 'weekday'
        and column_dimension = 'hour'
        and total_share is not null
)

select
    'heat_map' as section,
    cells.row_id as series,
    24 * cells.weekday_number + cast(cells.column_id as integer) as position,
    cells.column_id as label,
    cells.total_share as fact_value,
    'share' as unit,
    cast(null as double) as interval_low,
    cast(null as double) as interval_high,
    cells.independence_ratio as comparison_value,
    cast(null as string) as state,
    {{ value_words('cells.measure', 'cells.cell_value') }} as detail,
    'concentration_matrix' as source_model,
    'total_share' as source_column,
    concat(
        'weekday, hour, ', cells.row_id, ', ', cells.column_id, ', ', cells.measure
    ) as source_key
from cells
