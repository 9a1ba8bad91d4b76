-- What needs attention first?
-- Read from the top: most money first; no row means that nothing is beyond a limit,
-- or moved, by more than noise.
select
    register_rank,
    title,
    what_to_do,
    confidence,
    money_at_risk
from {{ ref('risk_register') }}
order by register_rank
