-- What needs attention first?
-- Read from the top: most money a year first. No row means that no limit is broken and
-- no change is both large enough and beyond noise in the latest complete periods.
select
    register_rank,
    title,
    what_to_do,
    confidence,
    money_at_risk,
    money_basis
from {{ ref('risk_register') }}
order by register_rank
