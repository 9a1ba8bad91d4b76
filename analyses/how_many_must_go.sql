-- How many of the largest must go until a quarter of revenue is lost?
-- The fewer, the more hangs on single decisions of others; first_entities are whom to
-- talk to.
select
    dimension,
    entity_count,
    share_reached,
    answer_value as loss_value,
    first_entities
from {{ ref('reverse_stress') }}
where question = 'lose_share' and target = 0.25
order by entity_count, share_reached desc, dimension
