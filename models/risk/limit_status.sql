with

limit_values as (
    select * from {{ ref('int_limit_values') }}
),

limit_entities as (
    select * from {{ ref('int_limit_entities') }}
),

scaled as (
    select
        *,
        case indicator
            when 'hhi' then breach_at
            when 'hhi_normalized'
                then {{ hhi_of_normalized('breach_at', 'entity_count') }}
        end as hhi_limit
    from limit_values
),

judged as (
    select
        *,
        case
            when indicator_value is null then 'not_measurable'
            when verdict = 'more_even_than_chance' then 'not_measurable'
            when {{ is_beyond('indicator_value', 'breach_at') }} then 'breach'
            when {{ is_beyond('indicator_value', 'warn_at') }} then 'warn'
            else 'ok'
        end as status,
        case direction
            when 'below' then indicator_value - breach_at
            else breach_at - indicator_value
        end as headroom,
        case
            when direction = 'below' then null
            when indicator in ('hhi', 'hhi_normalized')
                then
                    {{ growth_to_hhi(
                        'largest_value', 'hhi * ' ~ squared('total_value'),
                        'total_value', 'hhi_limit'
                    ) }}
            when {{ is_share('indicator') }}
                then
                    {{ growth_to_share(
                        'indicator_value * total_value', 'total_value', 'breach_at'
                    ) }}
        end as headroom_value
    from scaled
),

-- A run of periods with the same status: it began where the status last changed.
changed as (
    select
        *,
        case
            when status = lag(status)
                    over (
                        partition by limit_id, dimension
                        order by period_start
                    )
                then 0
            else 1
        end as is_change
    from judged
),

runs as (
    select
        *,
        sum(is_change) over (
            partition by limit_id, dimension
            order by period_start
            rows between unbounded preceding and current row
        ) as run_number
    from changed
),

since as (
    select
        *,
        min(period_start) over (
            partition by limit_id, dimension, run_number
        ) as status_since
    from runs
)

select
    since.limit_id,
    since.dimension,
    since.measure,
    since.indicator,
    since.period_grain,
    since.direction,
    since.status,
    case since.status
        when 'not_measurable'
            then coalesce(since.undefined_reason, since.verdict_reason)
        when 'ok' then 'within both thresholds'
        when 'warn' then 'beyond the warning threshold'
        when 'breach' then 'beyond the limit'
    end as status_reason,
    limit_entities.over_entities,
    since.severity,
    since.source,
    since.owner,
    since.action,
    since.indicator_value,
    since.interval_low,
    since.interval_high,
    since.warn_at,
    since.breach_at,
    since.headroom,
    since.headroom_value,
    cast(coalesce(limit_entities.over_count, 0) as bigint) as over_count,
    case since.status
        when 'breach' then {{ is_beyond_with_noise('since', 'breach_at') }}
        when 'warn' then {{ is_beyond_with_noise('since', 'warn_at') }}
        else false
    end as is_beyond_noise,
    since.is_complete,
    since.is_latest_complete,
    since.period_start,
    since.period_end,
    since.status_since
from since
left join limit_entities
    on
        since.limit_id = limit_entities.limit_id
        and since.dimension = limit_entities.dimension
        and since.period_start = limit_entities.period_start
