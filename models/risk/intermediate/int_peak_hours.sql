with

hours as (
    select * from {{ ref('hourly_concentration') }}
),

first_hours as (
    select hour_of_day as first_hour
    from hours
),

-- Round the clock: a window may begin before midnight and end after it.
windows as (
    select
        first_hours.first_hour,
        sum(hours.{{ main_measure() }}) as revenue
    from first_hours
    inner join hours
        on
            mod(hours.hour_of_day - first_hours.first_hour + 24, 24)
            < {{ var('peak_hours') }}
    group by first_hours.first_hour
),

ranked as (
    select
        *,
        row_number() over (order by revenue desc, first_hour) as place
    from windows
)

select
    first_hour,
    mod(first_hour + {{ var('peak_hours') }} - 1, 24) as last_hour,
    revenue
from ranked
where place = 1
