-- Where do concentrations stack in the same transactions?
-- A ratio of 1 is independence; above it, one event hits both at once and losses do not
-- spread.
select
    combination,
    revenue,
    revenue_share,
    independence_ratio,
    revenue_beyond_independence
from {{ ref('compound_exposure') }}
order by revenue_beyond_independence desc, combination
