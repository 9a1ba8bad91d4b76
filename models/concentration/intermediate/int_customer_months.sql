with

interactions as (
    select * from {{ ref('interactions') }}
)

select
    customer_id,
    cast(date_trunc('month', interacted_at) as date) as month_start,
    {{ measure_sums() }}
from interactions
group by customer_id, month_start
