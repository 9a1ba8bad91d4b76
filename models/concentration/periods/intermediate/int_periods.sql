-- depends_on: {{ ref('int_month_files') }}
with

calendar_dates as (select * from {{ ref('calendar_dates') }}),

-- 'all' starts on the first day of the data, so that every period has a start.
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
),

{% if keeps_undated() -%}
undated_months as (
    select month_start from {{ ref('int_month_files') }}
    where month_start = {{ undated_month() }}
),

-- If no row has a date, all data are in that month.
first_days as (
    select coalesce(min(date_day), {{ undated_month() }}) as period_start
    from calendar_dates
),

{% endif -%}
periods as (
    select
        period_grain,
        period_start,
        month_start,
        count(*) as day_count
    from period_days
    group by period_grain, period_start, month_start
    {% if keeps_undated() -%}
    -- Rows without a date have a month without days, which belongs only to the period
    -- 'all'.
    union all
    select
        'all' as period_grain,
        first_days.period_start,
        undated_months.month_start,
        0 as day_count
    from undated_months
    cross join first_days
    {% endif -%}
)

select * from periods
