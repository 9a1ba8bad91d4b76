{#- Longer than others: it tests hours and weekdays, with a rule for each. -#}
with

date_hours as (select * from {{ ref('int_date_hours') }}),

day_activity as (
    select * from {{ ref('int_day_activity') }}
    where is_in_span
),

hours as (select * from {{ ref('calendar_hours') }}),

weekday_activity as (
    select
        weekday_number,
        count(*) as day_count,
        count(case when is_active then 1 end) as active_count
    from day_activity
    group by weekday_number
),

-- The activity that a weekday or hour would have if it were like any other, and the
-- activity that it has.
weekday_slots as (
    select
        'weekday' as dimension,
        {{ weekday_name('weekday_number') }} as entity_id,
        day_count,
        active_count,
        1e0 * sum(active_count) over () / sum(day_count) over () as usual_share
    from weekday_activity
),

active_hours as (
    select distinct
        date_day,
        hour_of_day
    from date_hours
    where hour_of_day is not null
),

timed_days as (
    select
        count(distinct date_day) as day_count,
        count(*) as active_count
    from active_hours
),

hour_activity as (
    select
        hour_of_day,
        count(*) as active_count
    from active_hours
    group by hour_of_day
),

hour_slots as (
    select
        'hour' as dimension,
        hours.hour_name as entity_id,
        timed_days.day_count,
        coalesce(hour_activity.active_count, 0) as active_count,
        1e0 * timed_days.active_count / nullif(24 * timed_days.day_count, 0)
            as usual_share
    from hours
    cross join timed_days
    left join hour_activity on hours.hour_of_day = hour_activity.hour_of_day
),

slots as (
    select * from weekday_slots
    union all
    select * from hour_slots
)

-- There is never a row, although chance would hardly ever leave a slot like the others
-- empty.
select
    dimension,
    entity_id
from slots
where
    active_count = 0
    and day_count * ln(
        1 - least(usual_share, {{ var('usual_activity_ceiling') }})
    ) < ln({{ var('hole_chance') }})
