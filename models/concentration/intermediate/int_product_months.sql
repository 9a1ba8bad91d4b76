with

interactions as (
    select * from {{ ref('interactions') }}
)

select
    product_id,
    min(product_name) as product_name,
    cast(date_trunc('month', interacted_at) as date) as month_start,
    {{ measure_sums() }}
from interactions
group by product_id, month_start
