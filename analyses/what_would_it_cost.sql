-- What would it cost if the top went away?
-- share_lost is the part of revenue that goes, hhi_after how much the rest would hang
-- on its own largest, limit_outcome and broken_limits what then needs an answer.
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
