with

data_span as (
    select * from {{ ref('int_data_span') }}
),

periods as (
    select distinct
        period_grain,
        period_start
    from {{ ref('int_periods') }}
),

all_dates as (
    select max(date_day) as last_date from {{ ref('calendar_dates') }}
),

ends as (
    select
        periods.period_grain,
        periods.period_start,
        case periods.period_grain
            when 'month' then cast(periods.period_start + interval 1 month as date)
            when 'quarter' then cast(periods.period_start + interval 3 month as date)
            when 'year' then cast(periods.period_start + interval 12 month as date)
            else cast(all_dates.last_date + interval 1 day as date)
        end as next_start
    from periods
    cross join all_dates
),

-- A business that rests on Sundays has not begun a month late because its first day was
-- a Monday the 2nd.
covered as (
    select
        ends.period_grain,
        ends.period_start,
        cast(ends.next_start - interval 1 day as date) as period_end,
        ends.period_grain = 'all' or (
            {{ dbt.datediff('ends.period_start', 'data_span.first_date', 'day') }}
            < data_span.longest_silence
            and {{ dbt.datediff('data_span.last_date', 'ends.next_start', 'day') }}
            <= data_span.longest_silence
        ) as is_complete
    from ends
    cross join data_span
)

select
    *,
    is_complete
    and period_start = max(case when is_complete then period_start end) over (
        partition by period_grain
    ) as is_latest_complete
from covered
