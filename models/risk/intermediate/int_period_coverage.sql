with

calendar_dates as (
    select * from {{ ref('calendar_dates') }}
),

date_hours as (
    select * from {{ ref('int_date_hours') }}
),

periods as (
    select distinct
        period_grain,
        period_start
    from {{ ref('int_periods') }}
),

bounds as (
    select
        min(date_day) as first_date,
        max(date_day) as last_date
    from calendar_dates
),

active_days as (
    select distinct date_day from date_hours
),

-- The longest silence within the data: a business that rests on Sundays has not begun a
-- month late because its first day was a Monday the 2nd.
silences as (
    select
        {{ dbt.datediff(
            'lag(date_day) over (order by date_day)', 'date_day', 'day'
        ) }} as gap_days
    from active_days
),

longest as (
    select coalesce(max(gap_days), 1) as gap_days
    from silences
),

ends as (
    select
        periods.period_grain,
        periods.period_start,
        bounds.first_date,
        bounds.last_date,
        longest.gap_days,
        case periods.period_grain
            when 'month' then cast(periods.period_start + interval 1 month as date)
            when 'quarter' then cast(periods.period_start + interval 3 month as date)
            when 'year' then cast(periods.period_start + interval 12 month as date)
            else cast(bounds.last_date + interval 1 day as date)
        end as next_start
    from periods
    cross join bounds
    cross join longest
),

covered as (
    select
        period_grain,
        period_start,
        cast(next_start - interval 1 day as date) as period_end,
        (
            {{ dbt.datediff('period_start', 'first_date', 'day') }} < gap_days
            and {{ dbt.datediff('last_date', 'next_start', 'day') }} <= gap_days
        ) as is_complete
    from ends
)

select
    *,
    is_complete
    and period_start = max(case when is_complete then period_start end) over (
        partition by period_grain
    ) as is_latest_complete
from covered
