with

stressed_entities as (
    select * from {{ ref('int_stressed_entities') }}
),

scenarios as (
    select * from {{ ref('stress_scenarios') }}
),

limits as (
    select * from {{ ref('concentration_limits') }}
),

results as (
    select
        scenario_id,
        sum(case when is_hit then 1 else 0 end) as entities_hit,
        sum(case when value_after > 0 then 1 else 0 end) as entities_after,
        {{ joined_texts(
            'case when is_hit and value_rank <= 10 then entity_label end', 'value_rank'
        ) }} as first_entities,
        cast(sum(value_before) as double) as value_before,
        cast(sum(value_before - value_after) as double) as value_lost,
        {{ exact_sum('power(' ~ share_of('value_after', 'total_after') ~ ', 2)', 30) }}
            as hhi_after,
        {{ share_of(
            'sum(case when rank_after = 1 then value_after end)', 'max(total_after)'
        ) }} as cr1_after,
        {{ share_of(
            'sum(case when rank_after <= 10 then value_after end)', 'max(total_after)'
        ) }} as top_10_share_after,
        {{ share_of(
            'sum(case when value_rank <= 10 then value_before end)', 'sum(value_before)'
        ) }} as top_10_share_before
    from stressed_entities
    group by scenario_id
),

broken as (
    select
        results.scenario_id,
        {{ joined_texts('limits.limit_id', 'limits.limit_id') }} as broken_limits
    from results
    inner join scenarios on results.scenario_id = scenarios.scenario_id
    inner join limits
        on
            (
                scenarios.dimension = limits.dimension
                or limits.dimension = '*'
                and {{ is_open_dimension('scenarios.dimension') }}
            )
            and scenarios.measure = limits.measure
            and limits.direction = 'above'
    where
        case limits.indicator
            when 'hhi' then results.hhi_after
            when 'hhi_normalized'
                then
                    (results.hhi_after * results.entities_after - 1)
                    / nullif(results.entities_after - 1, 0)
            when 'cr1' then results.cr1_after
            when 'entity_share' then results.cr1_after
            when 'cr10' then results.top_10_share_after
        end >= cast(limits.breach_at as double)
    group by results.scenario_id
)

select
    results.scenario_id,
    scenarios.dimension,
    scenarios.measure,
    scenarios.description,
    results.first_entities,
    broken.broken_limits,
    cast(results.entities_hit as bigint) as entities_hit,
    results.value_before,
    results.value_lost,
    results.value_lost / nullif(results.value_before, 0) as share_lost,
    results.hhi_after,
    results.cr1_after,
    results.top_10_share_before,
    results.top_10_share_after,
    broken.broken_limits is not null as breaks_limit
from results
inner join scenarios on results.scenario_id = scenarios.scenario_id
left join broken on results.scenario_id = broken.scenario_id
