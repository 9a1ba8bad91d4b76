with

-- Rows without a date have a month without days, which belongs only to 'all'.
days as (
    select
        date_day,
        month_start,
        quarter_start,
        year_start
    from {{ ref('calendar_dates') }}
    union all
    select
        null as date_day,
        month_start,
        null as quarter_start,
        null as year_start
    from {{ ref('int_month_files') }}
    where month_start = {{ undated_month() }}
),

-- 'all' starts on the first day of the data, or in the month without days if no row has
-- a date, so that every period has a start.
period_days as (
    {% for grain, start in [
        ('all', 'coalesce(min(date_day) over (), ' ~ undated_month() ~ ')'),
        ('year', 'year_start'), ('quarter', 'quarter_start'), ('month', 'month_start'),
    ] -%}
    select
        '{{ grain }}' as period_grain,
        {{ start }} as period_start,
        month_start,
        date_day
    from days
    {{ 'union all' if not loop.last }}
    {% endfor -%}
)

select
    period_grain,
    period_start,
    month_start,
    count(date_day) as day_count
from period_days
where period_grain = 'all' or date_day is not null
group by period_grain, period_start, month_start
