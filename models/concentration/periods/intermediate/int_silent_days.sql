{%- set around = var('usual_days_around') -%}
with

day_activity as (select * from {{ ref('int_day_activity') }}),

silent_days as (
    select * from day_activity
    where not is_active
),

silences as (
    select
        silence_number,
        min(date_day) as first_day,
        max(date_day) as last_day
    from silent_days
    group by silence_number
),

-- The days around a silence show what is usual for its weekdays at that time. The
-- active day before a silence has the same number.
neighbours as (
    select
        silences.silence_number,
        day_activity.weekday_number,
        count(*) as day_count,
        count(case when day_activity.is_active then 1 end) as active_count
    from silences
    inner join day_activity
        on
            day_activity.is_in_span
            and (
                day_activity.is_active
                or silences.silence_number != day_activity.silence_number
            )
            and day_activity.date_day
            >= cast(silences.first_day - interval {{ around }} day as date)
            and day_activity.date_day
            <= cast(silences.last_day + interval {{ around }} day as date)
    group by silences.silence_number, day_activity.weekday_number
),

averages as (
    select
        silence_number,
        1e0 * sum(active_count) / sum(day_count) as active_share
    from neighbours
    group by silence_number
)

-- An average day is added to the days of the same weekday, because there may be few of
-- them.
select
    silent_days.silence_number,
    silent_days.date_day,
    silent_days.is_in_span,
    least(
        (coalesce(neighbours.active_count, 0) + averages.active_share)
        / (coalesce(neighbours.day_count, 0) + 1),
        {{ var('usual_activity_ceiling') }}
    ) as usual_activity
from silent_days
inner join averages on silent_days.silence_number = averages.silence_number
left join neighbours
    on {{ same_keys('silent_days', 'neighbours', 'silence_number, weekday_number') }}
