-- What would the loss of the largest cost?
-- share_lost is the part of revenue that is lost, hhi_after shows how much the rest
-- would depend on its own largest, and limit_outcome and broken_limits show what would
-- then need an answer.
select
    scenario_id,
    description,
    first_entities,
    value_lost,
    share_lost,
    hhi_after,
    limit_outcome,
    broken_limits
from {{ ref('stress_results') }}
order by share_lost desc, scenario_id
