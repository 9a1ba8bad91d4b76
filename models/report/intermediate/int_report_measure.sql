with

indices as (
    select * from {{ ref('concentration_indices') }}
    where period_grain = 'all' and dimension = 'year' and measure = 'revenue'
),

revenue as (
    select
        coalesce(max(total_value), 0) + coalesce(max(unattributed_value), 0) > 0
            as is_there
    from indices
)

select
    case when is_there then 'revenue' else 'purchases' end as measure,
    case when is_there then 'Revenue' else 'Purchases' end as measure_label,
    case when is_there then 'money' else 'count' end as unit
from revenue
