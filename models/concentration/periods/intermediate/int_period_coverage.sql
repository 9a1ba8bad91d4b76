{#- Longer than others: it first determines how much of each day is missing and where
   each period ends. -#}
with

day_activity as (select * from {{ ref('int_day_activity') }}),
missing_days as (select * from {{ ref('int_missing_days') }}),

periods as (
    select distinct
        period_grain,
        period_start
    from {{ ref('int_periods') }}
),

all_dates as (
    select max(date_day) as last_date from {{ ref('calendar_dates') }}
),

-- The missing part of a day: nothing, unless the day lies in a hole.
days as (
    select
        day_activity.date_day,
        case when day_activity.is_active then 1 else 0 end as active_days,
        coalesce(missing_days.usual_activity, 0) as missing_days
    from day_activity
    left join missing_days on day_activity.date_day = missing_days.date_day
),

ends as (
    select
        periods.period_grain,
        periods.period_start,
        case periods.period_grain
            {%- for grain, months in [('month', 1), ('quarter', 3), ('year', 12)] %}
            when '{{ grain }}'
                then cast(
                    periods.period_start + interval {{ months }} month
                    - interval 1 day as date
                )
            {%- endfor %}
            else all_dates.last_date
        end as period_end
    from periods
    cross join all_dates
),

-- If the data do not reach a period, such as that of a mistyped year, all of it is
-- missing.
covered as (
    select
        ends.period_grain,
        ends.period_start,
        ends.period_end,
        coalesce(
            {{ exact_sum('days.missing_days') }}
            / nullif({{ exact_sum('days.active_days + days.missing_days') }}, 0),
            case when count(days.date_day) = 0 then 1 else 0 end
        ) as missing_share
    from ends
    left join days on days.date_day between ends.period_start and ends.period_end
    group by ends.period_grain, ends.period_start, ends.period_end
),

judged as (
    select
        *,
        period_grain = 'all' or missing_share <= {{ var('missing_days_share') }}
            as is_complete
    from covered
)

select
    period_grain,
    period_start,
    period_end,
    1e0 + {{ dbt.datediff('period_start', 'period_end', 'day') }} as day_count,
    missing_share,
    is_complete,
    is_complete
    and period_start = max(case when is_complete then period_start end) over (
        partition by period_grain
    ) as is_latest_complete
from judged
