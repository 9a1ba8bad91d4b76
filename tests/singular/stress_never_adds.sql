with

stressed_entities as (select * from {{ ref('int_stressed_entities') }}),
stress_results as (select * from {{ ref('stress_results') }}),

entity_losses as (
    select
        scenario_id,
        sum(value_before) as value_before,
        sum(value_before - value_after) as value_lost
    from stressed_entities
    group by scenario_id
    having max(value_after - value_before) > 0 or min(value_after) < 0
)

select
    scenario_id,
    cast(value_before as double) as value_before,
    cast(value_lost as double) as value_lost
from entity_losses
union all
select
    scenario_id,
    value_before,
    value_lost
from stress_results
where value_lost < 0 or value_lost > value_before
