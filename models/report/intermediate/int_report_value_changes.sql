with

value_changes as (
    select
        *,
        {{ period_words('period_grain', 'period_start') }} as period_name,
        {{ period_words('period_grain', 'compared_start') }} as compared_name,
        abs({{ per_year('value_change', 'period_grain') }}) as yearly_size
    from {{ ref('value_changes') }}
    where is_beyond_chance and movement != 'unchanged'
),

-- Of the month, quarter and year, the one with the most money per year is shown.
clearest as (
    select
        *,
        row_number() over (
            partition by dimension, entity_id
            order by comparison, yearly_size desc, period_grain
        ) as priority
    from value_changes
),

ordered as (
    select
        *,
        row_number() over (
            order by yearly_size desc, dimension, entity_id
        ) as position,
        concat(
            case
                when dimension = 'total'
                    then concat('All ', {{ measure_words('measure') }})
                else concat({{ dimension_label('dimension') }}, ' ', entity_label)
            end,
            ', ', period_name, ' against ', compared_name
        ) as label,
        case when measure = 'revenue' then 'money' else 'count' end as unit,
        {{ sentence('{compared_value:amount} to {entity_value:amount}') }} as detail,
        concat_ws(', ', dimension, period_grain, comparison, nullif(entity_id, ''))
            as source_key
    from clearest
    where priority = 1
)

select
    {{ report_fact(
        section='value_changes',
        source='value_changes.value_change',
        key='source_key',
        position='position',
        label='label',
        value='value_change',
        unit='unit',
        compared='compared_value',
        state="replace(movement, '_', ' ')",
        detail='detail'
    ) }}
from ordered
where position <= 20
