with

hours as (
    select {{ number_series(0, 23) }} as hour_number
)

select
    lpad(cast(hour_number as string), 2, '0') as hour_name,
    cast(hour_number as integer) as hour_of_day
from hours
