with

limits as (select * from {{ ref('int_limits') }}),
indices as (select * from {{ ref('concentration_indices') }}),
coverage as (select * from {{ ref('int_period_coverage') }}),
catch_alls as (select * from {{ ref('int_catch_alls') }}),

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
        limits.action,
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
        {{ share_of(
            'indices.unattributed_value',
            'indices.total_value + indices.unattributed_value'
        ) }} as unattributed_share,
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
)

select
    *,
    case
        when indicator_value is null then 'not_measurable'
        when verdict = 'more_even_than_chance' then 'not_measurable'
        when {{ is_beyond('indicator_value', 'breach_at', 'direction') }} then 'breach'
        when {{ is_beyond('indicator_value', 'warn_at', 'direction') }} then 'warn'
        else 'ok'
    end as status
from measured
