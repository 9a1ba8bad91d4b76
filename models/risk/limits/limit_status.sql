{#- Longer than others: one row contains everything about a limit in a period. -#}
with

limits as (
    {{ rules('limits', ref('concentration_limits')) }}
),

indices as (select * from {{ ref('concentration_indices') }}),
coverage as (select * from {{ ref('int_period_coverage') }}),
leading_entities as (select * from {{ ref('int_leading_entities') }}),
labels as (select * from {{ ref('int_entity_labels') }}),

-- A dimension whose only entity is a catch-all such as Other distinguishes nothing.
catch_alls as (
    select dimension
    from {{ ref('entity_ranks') }}
    where interactions > 0 and dimension not in ('customer', 'product')
    group by dimension
    having
        count(*) = 1
        and {{ lowered('max(entity_id)') }} in (
            {%- for word in var('catch_all_words') -%}
            {{ text_literal(word) }}{{ ', ' if not loop.last }}
            {%- endfor -%}
        )
),

measured as (
    select
        limits.limit_id,
        indices.dimension,
        indices.measure,
        limits.indicator,
        indices.period_grain,
        limits.direction,
        limits.severity,
        limits.source,
        limits.owner,
        {{ in_own_words('limits.action') }} as action,
        indices.verdict,
        indices.verdict_reason,
        indices.undefined_reason,
        limits.warn_at,
        limits.breach_at,
        {{ indicator_value('limits.indicator', 'indices') }} as indicator_value,
        {{ indicator_end('limits.indicator', 'low', 'indices') }} as interval_low,
        {{ indicator_end('limits.indicator', 'high', 'indices') }} as interval_high,
        indices.cr1 * cast(indices.total_value as double) as largest_value,
        cast(indices.total_value as double) as total_value,
        indices.hhi,
        indices.entity_count,
        coverage.is_complete,
        coverage.is_latest_complete,
        coverage.period_start,
        coverage.period_end
    from limits
    inner join indices
        on
            {{ same_keys('limits', 'indices', 'measure, period_grain') }}
            and (
                limits.dimension = indices.dimension
                or limits.dimension = '*'
                and {{ is_business_dimension('indices.dimension') }}
            )
    inner join coverage
        on {{ same_keys('indices', 'coverage', 'period_grain, period_start') }}
    left join catch_alls on indices.dimension = catch_alls.dimension
    where
        {{ is_in_force(
            'limits.in_force_from', 'limits.in_force_to',
            'coverage.period_start', 'coverage.period_end'
        ) }}
        and catch_alls.dimension is null
),

limit_values as (
    select
        *,
        case
            when indicator_value is null then 'not_measurable'
            when verdict = 'more_even_than_chance' then 'not_measurable'
            when {{ is_beyond('indicator_value', 'breach_at', 'direction') }}
                then 'breach'
            when {{ is_beyond('indicator_value', 'warn_at', 'direction') }} then 'warn'
            else 'ok'
        end as status
    from measured
),

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
