with

hours as (
    select * from {{ ref('hourly_concentration') }}
),

-- Round the clock: a window may begin before midnight and end after it.
windows as (
    select
        starts.hour_of_day as first_hour,
        sum(hours.revenue) as revenue
    from hours as starts
    inner join hours
        on
            mod(hours.hour_of_day - starts.hour_of_day + 24, 24)
            < {{ var('peak_hours') }}
    group by starts.hour_of_day
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
