-- How many of the largest must be lost before a quarter of revenue is lost?
-- The fewer there are, the more depends on single decisions of others; first_entities
-- names the ones to talk to.
select
    dimension,
    entity_count,
    share_reached,
    answer_value as loss_value,
    first_entities
from {{ ref('reverse_stress') }}
where question = 'lose_share' and target = 0.25
order by entity_count, share_reached desc, dimension
