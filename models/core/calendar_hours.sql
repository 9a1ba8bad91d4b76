with

hours as (
    select cast({{ number_series(0, 23) }} as integer) as hour_of_day
)

select
    lpad(cast(hour_of_day as string), 2, '0') as hour_name,
    hour_of_day
from hours
