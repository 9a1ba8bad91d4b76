{%- set around = var('usual_days_around') -%}
{%- set is_same_weekday = 'silent_days.weekday_number = days.weekday_number' -%}
with

days as (select * from {{ ref('int_day_activity') }}),

silent_days as (
    select
        *,
        min(date_day) over silence as first_day,
        max(date_day) over silence as last_day
    from days
    where not is_active
    window silence as (partition by silence_number)
)

-- The days around a silence show what is usual for its weekdays at that time. There may
-- be few days of the same weekday, so an average day is added to them. The active day
-- before a silence has the number of that silence.
select
    silent_days.silence_number,
    silent_days.date_day,
    silent_days.is_in_span,
    least(
        (
            count(case when days.is_active and {{ is_same_weekday }} then 1 end)
            + 1e0 * count(case when days.is_active then 1 end) / count(*)
        )
        / (count(case when {{ is_same_weekday }} then 1 end) + 1),
        {{ var('usual_activity_ceiling') }}
    ) as usual_activity
from silent_days
inner join days
    on
        days.is_in_span
        and (days.is_active or silent_days.silence_number != days.silence_number)
        and days.date_day
        >= cast(silent_days.first_day - interval {{ around }} day as date)
        and days.date_day
        <= cast(silent_days.last_day + interval {{ around }} day as date)
group by silent_days.silence_number, silent_days.date_day, silent_days.is_in_span
