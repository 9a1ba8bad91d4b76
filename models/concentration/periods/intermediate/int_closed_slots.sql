with

day_activity as (select * from {{ ref('int_day_activity') }}),
calendar_hours as (select * from {{ ref('calendar_hours') }}),

active_hours as (
    select * from {{ ref('int_date_hours') }}
    where hour_of_day is not null
),

timed_days as (
    select distinct date_day from active_hours
),

-- Each day of a weekday and each hour of a day, and whether anything happened then.
occasions as (
    select
        'weekday' as dimension,
        {{ weekday_name('weekday_number') }} as entity_id,
        is_active
    from day_activity
    where is_in_span
    union all
    select
        'hour' as dimension,
        calendar_hours.hour_name as entity_id,
        active_hours.hour_of_day is not null as is_active
    from timed_days
    cross join calendar_hours
    left join active_hours
        on
            timed_days.date_day = active_hours.date_day
            and calendar_hours.hour_of_day = active_hours.hour_of_day
),

slots as (
    select
        dimension,
        entity_id,
        count(*) as day_count,
        count(case when is_active then 1 end) as active_count
    from occasions
    group by dimension, entity_id
),

-- The activity that a weekday or hour would have if it were like any other.
compared as (
    select
        *,
        1e0 * sum(active_count) over slots_alike / sum(day_count) over slots_alike
            as usual_share
    from slots
    window slots_alike as (partition by dimension)
)

-- There is never a row, although chance would hardly ever leave a slot like the others
-- empty.
select
    dimension,
    entity_id
from compared
where
    active_count = 0
    and day_count * ln(
        1 - least(usual_share, {{ var('usual_activity_ceiling') }})
    ) < ln({{ var('hole_chance') }})
