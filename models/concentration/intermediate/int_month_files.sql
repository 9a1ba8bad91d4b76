with

interactions as (
    select * from {{ ref('interactions') }}
),

month_files as (
    select distinct
        file_key,
        cast(date_trunc('month', interacted_at) as date) as month_start
    from interactions
)

select
    month_start,
    bit_xor(file_key) as month_key
from month_files
group by month_start
