-- Where do concentrations coincide in the same transactions?
-- A ratio of 1 means independence; above it, one event affects both at once and losses
-- are not spread out.
select
    combination,
    revenue,
    revenue_share,
    independence_ratio,
    revenue_beyond_independence
from {{ ref('compound_exposure') }}
order by revenue_beyond_independence desc, combination
