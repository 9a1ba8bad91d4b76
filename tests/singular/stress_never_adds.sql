with

stressed_entities as (
    select * from {{ ref('int_stressed_entities') }}
)

select
    scenario_id,
    sum(value_before) as value_before,
    sum(value_after) as value_after
from stressed_entities
group by scenario_id
having max(value_after - value_before) > 0 or min(value_after) < 0
