with

date_hours as (select * from {{ ref('int_date_hours') }}),
data_span as (select * from {{ ref('int_data_span') }}),

active_days as (
    select distinct date_day from date_hours
),

-- Whole years are needed, because days missing before the first and after the last day
-- of the data are also missing in their years.
stamps as (
    select
        first_date,
        last_date,
        {{ day_series(
            "cast(date_trunc('year', first_date) as date)",
            "cast(date_trunc('year', last_date) + interval 12 month as date)"
        ) }} as day_start
    from data_span
),

days as (
    select
        cast(day_start as date) as date_day,
        cast(day_start as date) between first_date and last_date as is_in_span
    from stamps
    where year(day_start) <= year(last_date)
)

-- Consecutive silent days have the same number of active days before them.
select
    days.date_day,
    {{ iso_weekday('days.date_day') }} as weekday_number,
    days.is_in_span,
    active_days.date_day is not null and days.is_in_span as is_active,
    count(case when days.is_in_span then active_days.date_day end) over (
        order by days.date_day
        rows between unbounded preceding and current row
    ) as silence_number
from days
left join active_days on days.date_day = active_days.date_day
