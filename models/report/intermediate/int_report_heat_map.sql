with

cells as (
    select
        *,
        {{ weekday_number('row_id') }} as weekday_number,
        {{ value_words('measure', 'cell_value') }} as detail,
        concat_ws(', ', 'weekday', 'hour', row_id, column_id, measure) as source_key
    from {{ ref('concentration_matrix') }}
    where
        measure = '{{ main_measure() }}'
        and row_dimension = 'weekday'
        and column_dimension = 'hour'
        and total_share is not null
)

select
    {{ report_fact(
        section='heat_map',
        source='concentration_matrix.total_share',
        key='source_key',
        series='row_id',
        position='24 * weekday_number + cast(column_id as integer)',
        label='column_id',
        value='total_share',
        unit="'share'",
        compared='independence_ratio',
        detail='detail'
    ) }}
from cells
