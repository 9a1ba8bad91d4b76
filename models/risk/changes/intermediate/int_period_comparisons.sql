with

coverage as (select * from {{ ref('int_period_coverage') }}),

compared_coverage as (
    select * from coverage
),

-- Each period is compared with the previous one and with the same one a year earlier.
comparisons as (
    select
        *,
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
        *,
        'year_earlier' as comparison,
        cast(period_start - interval 12 month as date) as compared_start
    from coverage
    where period_grain in ('month', 'quarter')
),

compared as (
    select
        comparisons.*,
        1e0 + {{ dbt.datediff(
            'comparisons.period_start', 'comparisons.period_end', 'day'
        ) }} as day_count,
        1e0 + {{ dbt.datediff(
            'compared_coverage.period_start', 'compared_coverage.period_end', 'day'
        ) }} as compared_day_count,
        comparisons.is_complete and compared_coverage.is_complete as is_comparable
    from comparisons
    inner join compared_coverage
        on
            comparisons.period_grain = compared_coverage.period_grain
            and comparisons.compared_start = compared_coverage.period_start
)

select
    period_grain,
    comparison,
    day_count,
    day_count / compared_day_count as length_ratio,
    is_comparable,
    is_latest_complete,
    period_start,
    compared_start,
    max(case when comparison = 'year_earlier' and is_comparable then compared_start end)
        over (partition by period_grain, period_start) as year_start
from compared
