{#- Longer than others: limits, changes in values and three kinds of stress tests have
    their own rows. -#}
{%- set yearly_size = 'abs(' ~ per_year('value_change', 'period_grain') ~ ')' -%}
with

limit_status as (
    select * from {{ ref('limit_status') }}
    where is_latest_complete
),

stress_results as (
    select
        *,
        row_number() over (
            partition by measure
            order by value_lost desc, scenario_id
        ) as position,
        case when measure = 'revenue' then 'money' else 'count' end as unit,
        {{ clauses('. ', [
            ('true', 'Removed: {first_entities}{entities_hit:more}'),
            ('hhi_after < 0.001', 'HHI of the rest below 0.001'),
            ('hhi_after >= 0.001', 'HHI of the rest {hhi_after:index}'),
            ('breaks_limit', 'Breaks {broken_limits:spaced}'),
            (
                "limit_outcome != 'nothing left' and already_broken_limits is not null",
                'Already broken: {already_broken_limits:spaced}',
            ),
            (
                "limit_outcome in ('breaks', 'already broken') and limits_held > 0",
                '{limits_held:count} of {limits_tried:count} limits still hold',
            ),
        ]) }} as detail
    from {{ ref('stress_results') }}
    where entities_hit > 0 and value_lost > 0
),

reverse_stress as (
    select
        *,
        row_number() over (
            order by {{ dimension_place('dimension') }}, target
        ) as position,
        {{ sentence(
            '{dimension:label}: how many must go to lose {target:target} '
            ~ 'of {measure:measure}'
        ) }} as label,
        {{ sentence('{first_entities}{entity_count:more}') }} as detail,
        {{ sentence('lose_share, {dimension}, {target:count}') }} as source_key
    from {{ ref('reverse_stress') }}
    where question = 'lose_share'
),

compound_exposure as (
    select
        *,
        row_number() over (order by revenue_share desc, combination) as position,
        {{ first_upper('combination') }} as label,
        concat(
            {{ first_upper(measure_words('measure')) }}, ' ',
            {{ value_words('measure', 'revenue') }}
        ) as detail
    from {{ ref('compound_exposure') }}
),

-- Of the month, quarter and year, the one with the most money per year is shown.
clearest as (
    select
        *,
        row_number() over (
            partition by dimension, entity_id
            order by comparison, {{ yearly_size }} desc, period_grain
        ) as priority
    from {{ ref('value_changes') }}
    where is_beyond_chance and movement != 'unchanged'
),

ordered as (
    select
        *,
        row_number() over (
            order by {{ yearly_size }} desc, dimension, entity_id
        ) as position
    from clearest
    where priority = 1
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
union all
select
    {{ report_fact(
        section='value_changes',
        source='value_changes.value_change',
        key="concat_ws(', ', dimension, period_grain, comparison, "
            ~ "nullif(entity_id, ''))",
        position='position',
        label=clauses('', [
            ("dimension = 'total'", 'All {measure:measure}'),
            ("dimension != 'total'", '{dimension:label} {entity_label}'),
            ('true', ', {period_start:period} against {compared_start:period}'),
        ]),
        value='value_change',
        unit="case when measure = 'revenue' then 'money' else 'count' end",
        compared='compared_value',
        state="replace(movement, '_', ' ')",
        detail=sentence('{compared_value:amount} to {entity_value:amount}')
    ) }}
from ordered
where position <= 20
union all
select
    {{ report_fact(
        section='stress',
        source='stress_results.value_lost',
        key='scenario_id',
        series='measure',
        position='position',
        label='description',
        value='value_lost',
        unit='unit',
        compared='share_lost',
        state='limit_outcome',
        detail='detail'
    ) }}
from stress_results
union all
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
union all
select
    {{ report_fact(
        section='compound',
        source='compound_exposure.revenue_share',
        key='combination',
        position='position',
        label='label',
        value='revenue_share',
        unit="'share'",
        compared='independent_share',
        detail='detail'
    ) }}
from compound_exposure
