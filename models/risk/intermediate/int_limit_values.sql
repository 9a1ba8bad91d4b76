with

limits as (
    select * from {{ ref('int_limits') }}
),

indices as (
    select * from {{ ref('concentration_indices') }}
),

coverage as (
    select * from {{ ref('int_period_coverage') }}
),

catch_alls as (
    select * from {{ ref('int_catch_alls') }}
),

applied as (
    select
        limits.limit_id,
        limits.indicator,
        limits.direction,
        limits.severity,
        limits.source,
        limits.owner,
        limits.action,
        cast(limits.warn_at as double) as warn_at,
        cast(limits.breach_at as double) as breach_at,
        coverage.period_end,
        coverage.is_complete,
        coverage.is_latest_complete,
        indices.*
    from limits
    inner join indices
        on
            (
                limits.dimension = indices.dimension
                or limits.dimension = '*'
                and {{ is_open_dimension('indices.dimension') }}
            )
            and limits.measure = indices.measure
            and limits.period_grain = indices.period_grain
    inner join coverage
        on
            indices.period_grain = coverage.period_grain
            and indices.period_start = coverage.period_start
    left join catch_alls on indices.dimension = catch_alls.dimension
    where
        {{ is_in_force('limits', 'coverage') }}
        and catch_alls.dimension is null
),

measured as (
    select
        *,
        {{ indicator_value('indicator') }} as indicator_value,
        {{ indicator_end('indicator', 'low') }} as interval_low,
        {{ indicator_end('indicator', 'high') }} as interval_high
    from applied
)

select
    limit_id,
    dimension,
    measure,
    indicator,
    period_grain,
    direction,
    severity,
    source,
    owner,
    action,
    verdict,
    verdict_reason,
    undefined_reason,
    warn_at,
    breach_at,
    indicator_value,
    interval_low,
    interval_high,
    cr1 * cast(total_value as double) as largest_value,
    cast(total_value as double) as total_value,
    {{ share_of('unattributed_value', 'total_value + unattributed_value') }}
        as unattributed_share,
    hhi,
    entity_count,
    is_complete,
    is_latest_complete,
    period_start,
    period_end
from measured
