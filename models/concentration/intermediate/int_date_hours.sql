with

interactions as (
    select * from {{ ref('interactions') }}
)

select
    cast(interacted_at as date) as date_day,
    case when has_time_of_day then hour(interacted_at) end as hour_of_day,
    {{ measure_sums() }}
from interactions
group by date_day, hour_of_day
