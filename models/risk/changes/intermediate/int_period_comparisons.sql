with

coverage as (select * from {{ ref('int_period_coverage') }}),
compared_coverage as (select * from {{ ref('int_period_coverage') }}),

-- Each period is compared with the previous one and with the same one a year earlier.
comparisons as (
    {% for comparison, period_grain, months in [
        ('previous', 'month', 1), ('previous', 'quarter', 3), ('previous', 'year', 12),
        ('year_earlier', 'month', 12), ('year_earlier', 'quarter', 12),
    ] -%}
    select
        *,
        '{{ comparison }}' as comparison,
        cast(period_start - interval {{ months }} month as date) as compared_start
    from coverage
    where period_grain = '{{ period_grain }}'
    {{ 'union all' if not loop.last }}
    {% endfor -%}
),

compared as (
    select
        comparisons.*,
        comparisons.day_count / compared_coverage.day_count as length_ratio,
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
    length_ratio,
    is_comparable,
    is_latest_complete,
    period_start,
    compared_start,
    max(case when comparison = 'year_earlier' and is_comparable then compared_start end)
        over (partition by period_grain, period_start) as year_start
from compared
