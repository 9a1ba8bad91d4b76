with

stressed_entities as (
    select
        *,
        row_number() over (partition by scenario_id order by value_rank) as place
    from {{ ref('int_stressed_entities') }}
),

scenarios as (
    select * from {{ ref('int_scenarios') }}
),

indices as (
    select * from {{ ref('concentration_indices') }}
    where period_grain = 'all' and total_value > 0
),

stress_spectrum as (
    select
        *,
        {{ relative_value() }} as relative_value
    from {{ ref('int_stress_spectrum') }}
),

hit as (
    select
        scenario_id,
        {{ joined_texts(
            'case when place <= 10 then entity_label end', 'place'
        ) }} as first_entities,
        count(*) as entities_hit,
        sum(value_before - value_after) as value_lost
    from stressed_entities
    group by scenario_id
),

remaining as (
    select
        scenario_id,
        max(member_count) as entity_count,
        {{ relative_variance() }} as relative_variance,
        {{ concentration_ratio(1) }} as cr1,
        {{ concentration_ratio(10) }} as cr10
    from stress_spectrum
    group by scenario_id
),

stressed_indices as (
    select
        *,
        {{ hhi_of_sums() }} as hhi
    from remaining
)

select
    scenarios.scenario_id,
    hit.first_entities,
    coalesce(hit.entities_hit, 0) as entities_hit,
    coalesce(stressed_indices.entity_count, 0) as entities_after,
    cast(indices.total_value as double) as value_before,
    cast(coalesce(hit.value_lost, 0) as double) as value_lost,
    stressed_indices.hhi as hhi_after,
    stressed_indices.cr1 as cr1_after,
    stressed_indices.cr10 as top_10_share_after,
    indices.cr10 as top_10_share_before
from scenarios
inner join indices
    on
        scenarios.dimension = indices.dimension
        and scenarios.measure = indices.measure
left join hit on scenarios.scenario_id = hit.scenario_id
left join stressed_indices on scenarios.scenario_id = stressed_indices.scenario_id
