with

limit_status as (
    select * from {{ ref('limit_status') }}
    where is_latest_complete
),

worded as (
    select
        *,
        row_number() over (
            partition by limit_id
            order by {{ dimension_place('dimension') }}
        ) as position,
        concat(
            {{ dimension_label('dimension') }}, ', ',
            {{ indicator_words('indicator') }},
            case direction when 'below' then ' (at least)' else '' end,
            case
                when measure = 'revenue' then ''
                else concat(' of ', {{ measure_words('measure') }})
            end,
            ', ', {{ period_words('period_grain', 'period_start') }}
        ) as label,
        concat(
            'At or above ', {{ indicator_value_words('indicator', 'warn_at') }}, ': ',
            over_entities, {{ and_more('over_count') }}
        ) as over_words,
        concat(limit_id, ', ', dimension, ', ', cast(period_start as string))
            as source_key
    from limit_status
),

explained as (
    select
        *,
        concat_ws(
            '. ',
            case
                when status = 'not_measurable'
                    then concat('Not measurable: ', status_reason)
            end,
            case when over_entities is not null then over_words end,
            case
                when status = 'not_measurable' then null
                when headroom_value >= 0
                    then concat(
                            'The largest can grow by ',
                            {{ amount_words('measure', 'headroom_value') }},
                            ' until the limit'
                        )
                when headroom_value < 0
                    then concat(
                            'The largest would have to lose ',
                            {{ amount_words('measure', '-headroom_value') }},
                            ' to be within'
                        )
            end,
            case when status in ('warn', 'breach') then action end,
            concat('Source: ', source)
        ) as detail
    from worded
)

select
    {{ report_fact(
        section='limits',
        source='limit_status.indicator_value',
        key='source_key',
        series='limit_id',
        position='position',
        label='label',
        value='indicator_value',
        unit=indicator_unit('indicator'),
        interval='interval',
        compared='coalesce(breach_at, warn_at)',
        state='status',
        detail='detail'
    ) }}
from explained
