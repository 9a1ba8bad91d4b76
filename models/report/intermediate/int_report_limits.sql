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
        concat_ws(
            ', ',
            {{ dimension_label('dimension') }},
            concat(
                {{ indicator_words('indicator') }},
                case direction when 'below' then ' (at least)' else '' end,
                case
                    when measure = 'revenue' then ''
                    else {{ sentence(' of {measure:measure}') }}
                end
            ),
            {{ period_words('period_grain', 'period_start') }}
        ) as label,
        {{ clauses('. ', [
            ("status = 'not_measurable'", 'Not measurable: {status_reason}'),
            (
                'over_entities is not null',
                'At or above {warn_at:value}: {over_entities}{over_count:more}',
            ),
            (
                "status != 'not_measurable' and headroom_value >= 0",
                'The largest can grow by {headroom_value:amount} until the limit',
            ),
            (
                "status != 'not_measurable' and headroom_value < 0",
                'The largest would have to lose {-headroom_value:amount} to be within',
            ),
            ("status in ('warn', 'breach') and action is not null", '{action}'),
            ('true', 'Source: {source}'),
        ]) }} as detail
    from limit_status
)

select
    {{ report_fact(
        section='limits',
        source='limit_status.indicator_value',
        key=sentence('{limit_id}, {dimension}, {period_start:day}'),
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
from worded
