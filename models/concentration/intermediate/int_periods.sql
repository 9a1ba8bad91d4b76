with

calendar_dates as (
    select * from {{ ref('calendar_dates') }}
),

-- 'all' starts on the first day of the data, so that a period always has a start.
period_days as (
    select
        'all' as period_grain,
        min(date_day) over () as period_start,
        month_start,
        date_day
    from calendar_dates
    {% for grain in ['year', 'quarter', 'month'] -%}
    union all
    select
        '{{ grain }}' as period_grain,
        {{ grain }}_start as period_start,
        month_start,
        date_day
    from calendar_dates
    {% endfor -%}
)

select
    period_grain,
    period_start,
    month_start,
    count(*) as day_count
from period_days
group by period_grain, period_start, month_start
