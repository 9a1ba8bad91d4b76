{%- set usual_part -%}
    case when day_activity.is_active then 1 else day_activity.usual_activity end
{%- endset -%}
with

day_activity as (select * from {{ ref('int_day_activity') }}),

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

-- Nothing of a day is missing, unless it lies in a hole. If the data do not reach a
-- period, such as that of a mistyped year, all of it is missing.
covered as (
    select
        ends.period_grain,
        ends.period_start,
        ends.period_end,
        coalesce(
            {{ exact_sum('day_activity.usual_activity') }}
            / nullif({{ exact_sum(usual_part) }}, 0),
            case when count(day_activity.date_day) = 0 then 1 else 0 end
        ) as missing_share
    from ends
    left join day_activity
        on day_activity.date_day between ends.period_start and ends.period_end
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
