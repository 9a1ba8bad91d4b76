with

limit_status as (
    select * from {{ ref('limit_status') }}
    where is_latest_complete
)

select
    {{ report_fact(
        section='limits',
        source='limit_status.indicator_value',
        key=sentence('{limit_id}, {dimension}, {period_start:day}'),
        series='limit_id',
        position='row_number() over (partition by limit_id order by '
            ~ dimension_place('dimension') ~ ')',
        label=clauses('', [
            ('true', '{dimension:label}, {indicator:indicator}'),
            ("direction = 'below'", ' (at least)'),
            ("measure != 'revenue'", ' of {measure:measure}'),
            ('true', ', {period_start:period}'),
        ]),
        value='indicator_value',
        unit=indicator_unit('indicator'),
        interval='interval',
        compared='coalesce(breach_at, warn_at)',
        state='status',
        detail=clauses('. ', [
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
        ])
    ) }}
from limit_status
