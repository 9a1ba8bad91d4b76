with

day_activity as (select * from {{ ref('int_day_activity') }}),
date_hours as (select * from {{ ref('int_date_hours') }}),
calendar_hours as (select * from {{ ref('calendar_hours') }}),

slots as (
    select
        'weekday' as dimension,
        {{ weekday_name('weekday_number') }} as entity_id,
        count(*) as day_count,
        count(case when is_active then 1 end) as active_count
    from day_activity
    where is_in_span
    group by weekday_number
    union all
    select
        'hour' as dimension,
        calendar_hours.hour_name as entity_id,
        count(distinct date_hours.date_day) as day_count,
        count(case when date_hours.hour_of_day = calendar_hours.hour_of_day then 1 end)
            as active_count
    from date_hours
    inner join calendar_hours on date_hours.hour_of_day is not null
    group by calendar_hours.hour_name
),

-- The activity that a weekday or hour would have if it were like any other.
compared as (
    select
        *,
        1e0 * sum(active_count) over (partition by dimension)
        / sum(day_count) over (partition by dimension) as usual_share
    from slots
)

-- Chance would hardly ever leave a slot that is like the others empty.
select
    dimension,
    entity_id
from compared
where
    active_count = 0
    and day_count * ln(1 - least(usual_share, {{ var('usual_activity_ceiling') }}))
    < ln({{ var('hole_chance') }})
