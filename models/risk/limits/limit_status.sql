{#- Longer than others: one row contains everything about a limit in a period. -#}
with

limit_values as (select * from {{ ref('int_limit_values') }}),
leading_entities as (select * from {{ ref('int_leading_entities') }}),
labels as (select * from {{ ref('int_entity_labels') }}),

over_limits as (
    select
        limit_values.limit_id,
        limit_values.dimension,
        limit_values.period_start,
        labels.entity_label,
        leading_entities.value_share,
        row_number() over (
            partition by
                limit_values.limit_id, limit_values.dimension, limit_values.period_start
            order by leading_entities.value_share desc, labels.entity_id
        ) as place
    from limit_values
    inner join leading_entities
        on
            {{ same_keys(
                'limit_values', 'leading_entities',
                'dimension, measure, period_grain, period_start'
            ) }}
            and limit_values.warn_at <= leading_entities.value_share
    inner join labels
        on {{ same_keys('leading_entities', 'labels', 'dimension, entity_key') }}
    where {{ is_single_name('limit_values.indicator') }}
        and limit_values.direction = 'above'
),

over_entities as (
    select
        limit_id,
        dimension,
        period_start,
        count(*) as over_count,
        {{ joined_texts(
            'case when place <= 10 then '
            ~ sentence('{entity_label} {value_share:percent}') ~ ' end', 'place'
        ) }} as over_entities
    from over_limits
    group by limit_id, dimension, period_start
),

-- A run of periods with the same status began where the status last changed.
judged as (
    select
        limit_values.*,
        over_entities.over_entities,
        coalesce(over_entities.over_count, 0) as over_count,
        case limit_values.indicator
            when 'hhi' then limit_values.breach_at
            when 'hhi_normalized'
                then {{ hhi_from_normalized(
                    'limit_values.breach_at', 'limit_values.entity_count'
                ) }}
        end as hhi_limit,
        lag(limit_values.status) over (
            partition by limit_values.limit_id, limit_values.dimension
            order by limit_values.period_start
        ) as status_before
    from limit_values
    left join over_entities
        on {{ same_keys(
            'limit_values', 'over_entities', 'limit_id, dimension, period_start'
        ) }}
)

select
    limit_id,
    dimension,
    measure,
    indicator,
    period_grain,
    direction,
    status,
    case status
        when 'not_measurable' then coalesce(undefined_reason, verdict_reason)
        when 'ok' then 'within both thresholds'
        when 'warn' then 'beyond the warning threshold'
        when 'breach' then 'beyond the limit'
    end as status_reason,
    over_entities,
    severity,
    source,
    owner,
    action,
    indicator_value,
    interval_low,
    interval_high,
    warn_at,
    breach_at,
    case direction
        when 'below' then indicator_value - breach_at
        else breach_at - indicator_value
    end as headroom,
    case
        when direction != 'below'
            then {{ headroom_value(
                'indicator', 'indicator_value', 'breach_at', 'hhi_limit',
                'largest_value', 'hhi * ' ~ squared('total_value'), 'total_value'
            ) }}
    end as headroom_value,
    over_count,
    case status
        when 'breach' then {{ is_beyond_with_noise(
            'interval_low', 'interval_high', 'breach_at', 'direction'
        ) }}
        when 'warn' then {{ is_beyond_with_noise(
            'interval_low', 'interval_high', 'warn_at', 'direction'
        ) }}
        else false
    end as is_beyond_noise,
    is_complete,
    is_latest_complete,
    period_start,
    period_end,
    max(case when status = status_before then null else period_start end) over (
        partition by limit_id, dimension
        order by period_start
        rows between unbounded preceding and current row
    ) as status_since
from judged
