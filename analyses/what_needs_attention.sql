-- What needs attention first?
-- The largest amount of money per year comes first. If there is no row, it means that
-- no limit is broken and no change is both large enough and beyond noise in the latest
-- complete periods.
select
    register_rank,
    title,
    what_to_do,
    confidence,
    money_at_risk,
    money_basis
from {{ ref('risk_register') }}
order by register_rank
