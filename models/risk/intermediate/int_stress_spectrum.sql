with

stressed_entities as (
    select * from {{ ref('int_stressed_entities') }}
),

scenarios as (
    select * from {{ ref('int_scenarios') }}
),

spectrum as (
    select * from {{ ref('int_value_spectrum') }}
    where period_grain = 'all' and standing = 'member'
),

-- Who is hit leaves its value and comes to another; who is not, stays where it is.
moves as (
    select
        scenarios.scenario_id,
        spectrum.entity_value,
        spectrum.entity_count
    from scenarios
    inner join spectrum
        on
            scenarios.dimension = spectrum.dimension
            and scenarios.measure = spectrum.measure
    union all
    select
        scenario_id,
        value_before as entity_value,
        -1 as entity_count
    from stressed_entities
    union all
    select
        scenario_id,
        value_after as entity_value,
        1 as entity_count
    from stressed_entities
),

remaining as (
    select
        scenario_id,
        entity_value,
        sum(entity_count) as entity_count,
        entity_value * sum(entity_count) as group_value
    from moves
    where entity_value > 0
    group by scenario_id, entity_value
    having sum(entity_count) > 0
)

select
    *,
    sum(entity_count) over (partition by scenario_id) as member_count,
    sum(group_value) over (partition by scenario_id) as total_value,
    coalesce(sum(entity_count) over (
        partition by scenario_id
        order by entity_value desc
        rows between unbounded preceding and 1 preceding
    ), 0) as entities_above
from remaining
