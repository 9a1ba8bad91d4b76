with

interactions as (
    select * from {{ ref('interactions') }}
)

select
    product_id,
    min(product_name) as row_product_name,
    min(category) as row_category,
    cast(date_trunc('month', interacted_at) as date) as month_start,
    {{ measure_sums() }}
from interactions
group by product_id, month_start
