-- Which limits are broken, and which are close?
-- The smaller the headroom_value, the less the largest needs to grow before the limit
-- breaks; below zero, the limit is broken by that amount.
select
    limit_id,
    dimension,
    status,
    indicator_value,
    breach_at,
    headroom,
    headroom_value,
    is_beyond_noise,
    over_entities
from {{ ref('limit_status') }}
where is_latest_complete
order by headroom_value nulls last, limit_id, dimension
