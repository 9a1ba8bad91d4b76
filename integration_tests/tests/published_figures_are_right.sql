-- By hand: of 1,024 the clients have 512, 256, 128 and 128, the articles 384, 256, 256
-- and 128, the shelves 640, 256 and 128; towns have 768 and 256, channels 512 each.
with

concentration_indices as (
    select * from {{ ref('topheavy', 'concentration_indices') }}
    where period_grain = 'all' and measure = 'revenue'
),

by_hand as (
    select
        'customer' as dimension,
        4 as entity_count,
        0.34375e0 as hhi,
        0.5e0 as cr1,
        0.3125e0 as gini
    union all
    select 'product', 4, 0.28125e0, 0.375e0, 0.1875e0
    union all
    select 'category', 3, 0.46875e0, 0.625e0, 1 / 3e0
    union all
    select 'location', 2, 0.625e0, 0.75e0, 0.25e0
    union all
    select 'channel', 2, 0.5e0, 0.5e0, 0e0
)

select
    by_hand.dimension,
    by_hand.hhi as expected_hhi,
    concentration_indices.hhi,
    by_hand.gini as expected_gini,
    concentration_indices.gini
from by_hand
left join concentration_indices on by_hand.dimension = concentration_indices.dimension
where
    concentration_indices.dimension is null
    or concentration_indices.total_value != 1024
    or concentration_indices.entity_count != by_hand.entity_count
    or abs(concentration_indices.hhi - by_hand.hhi) > 1e-15
    or abs(concentration_indices.cr1 - by_hand.cr1) > 1e-15
    or abs(concentration_indices.gini - by_hand.gini) > 1e-15
