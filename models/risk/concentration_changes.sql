with

indices as (
    select * from {{ ref('concentration_indices') }}
    where period_grain != 'all'
),

coverage as (
    select * from {{ ref('int_period_coverage') }}
),

compared_coverage as (
    select * from coverage
),

compared_indices as (
    select * from indices
),

-- A period against the one before, and against the same one a year earlier.
comparisons as (
    select
        period_grain,
        period_start,
        is_complete,
        'previous' as comparison,
        case period_grain
            when 'month' then cast(period_start - interval 1 month as date)
            when 'quarter' then cast(period_start - interval 3 month as date)
            else cast(period_start - interval 12 month as date)
        end as compared_start
    from coverage
    where period_grain != 'all'
    union all
    select
        period_grain,
        period_start,
        is_complete,
        'year_earlier' as comparison,
        cast(period_start - interval 12 month as date) as compared_start
    from coverage
    where period_grain in ('month', 'quarter')
),

comparable as (
    select
        comparisons.*,
        comparisons.is_complete and compared_coverage.is_complete as is_comparable
    from comparisons
    inner join compared_coverage
        on
            comparisons.period_grain = compared_coverage.period_grain
            and comparisons.compared_start = compared_coverage.period_start
),

differences as (
    select
        indices.dimension,
        indices.measure,
        comparable.period_grain,
        comparable.comparison,
        comparable.period_start,
        comparable.compared_start,
        comparable.is_comparable,
        indices.hhi,
        compared_indices.hhi as compared_hhi,
        indices.hhi - compared_indices.hhi as hhi_change,
        -- A thin month looks concentrated by chance: what is tested is free of that.
        indices.hhi_unbiased - compared_indices.hhi_unbiased as hhi_unbiased_change,
        sqrt(
            {{ squared('indices.hhi_se') }} + {{ squared('compared_indices.hhi_se') }}
        ) as change_se
    from comparable
    inner join indices
        on
            comparable.period_grain = indices.period_grain
            and comparable.period_start = indices.period_start
    inner join compared_indices
        on
            indices.dimension = compared_indices.dimension
            and indices.measure = compared_indices.measure
            and comparable.period_grain = compared_indices.period_grain
            and comparable.compared_start = compared_indices.period_start
),

standardised as (
    select
        *,
        hhi_unbiased_change / nullif(change_se, 0) as change_z
    from differences
)

select
    dimension,
    measure,
    period_grain,
    comparison,
    case
        when not is_comparable then 'not_compared'
        when change_z > {{ var('critical_score') }} then 'rose'
        when change_z < -{{ var('critical_score') }} then 'fell'
        else 'no_clear_change'
    end as direction,
    hhi,
    compared_hhi,
    hhi_change,
    hhi_unbiased_change,
    change_se,
    change_z,
    is_comparable,
    period_start,
    compared_start
from standardised
