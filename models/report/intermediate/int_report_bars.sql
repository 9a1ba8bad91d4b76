with

report_measure as (
    select * from {{ ref('int_report_measure') }}
),

entities as (
    select
        *,
        dimension in ('hour', 'weekday', 'month') as is_calendar
    from {{ ref('entity_concentration') }}
    where
        {{ is_open_dimension('dimension') }} and entity_value > 0
        or dimension in ('hour', 'weekday', 'month')
),

-- Time runs in its own order, and of many months the last three years are shown.
in_order as (
    select
        entities.*,
        row_number() over (
            partition by entities.dimension
            order by {{ weekday_number('entities.entity_id') }}, entities.entity_id
        ) as calendar_place,
        greatest(count(*) over (partition by entities.dimension) - 36, 0) as unshown_count
    from entities
    inner join report_measure on entities.measure = report_measure.measure
),

placed as (
    select
        *,
        case
            when is_calendar then calendar_place - unshown_count
            else least(value_rank, 16)
        end as position,
        not is_calendar and value_rank > 15 as is_rest
    from in_order
    where not is_calendar or calendar_place > unshown_count
),

bars as (
    select
        dimension,
        measure,
        position,
        is_rest,
        case when is_rest then 'all others' else max(entity_label) end as label,
        case when is_rest then {{ exact_sum('value_share') }} else max(value_share) end
            as value_share,
        case when not is_calendar then max(cumulative_share) end as cumulative_share,
        sum(entity_value) as entity_value,
        case when is_rest then 'place 16 and below' else max(entity_id) end as entity_id
    from placed
    group by dimension, measure, position, is_rest, is_calendar
)

select
    'bars' as section,
    {{ dimension_label('dimension') }} as series,
    cast(position as integer) as position,
    label,
    value_share as fact_value,
    'share' as unit,
    cast(null as double) as uncertainty,
    cumulative_share as comparison_value,
    cast(null as string) as state,
    {{ value_words('measure', 'entity_value') }} as detail,
    'entity_concentration' as source_model,
    'value_share' as source_column,
    concat(dimension, ', ', measure, ', ', entity_id) as source_key
from bars
