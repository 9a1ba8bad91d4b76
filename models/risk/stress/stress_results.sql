{#- Longer than others: one row has the effect of a scenario on its own dimension and on
    every limit. -#}
with

stressed_entities as (select * from {{ ref('int_stressed_entities') }}),
stress_indices as (select * from {{ ref('int_stress_indices') }}),

indices as (
    select * from {{ ref('concentration_indices') }}
    where period_grain = 'all' and total_value > 0
),

limits as (
    select
        *,
        indicator_value as value_before
    from {{ ref('limit_status') }}
    where is_latest_complete and status != 'not_measurable'
),

scenarios as (
    select
        scenario_id,
        dimension,
        measure,
        description,
        {{ joined_texts(
            'case when place <= 10 then entity_label end', 'place'
        ) }} as first_entities,
        count(entity_id) as entities_hit,
        cast(coalesce(sum(value_before - value_after), 0) as double) as value_lost
    from stressed_entities
    group by scenario_id, dimension, measure, description
),

tried as (
    select
        stress_indices.scenario_id,
        limits.dimension,
        limits.limit_id,
        limits.indicator,
        limits.status,
        limits.direction,
        limits.breach_at,
        limits.value_before,
        {{ indicator_value('limits.indicator', 'stress_indices') }} as value_after
    from stress_indices
    inner join limits
        on {{ same_keys(
            'stress_indices', 'limits', 'dimension, measure, period_grain'
        ) }}
),

judged as (
    select
        *,
        -- A limit on several dimensions is named with its dimension.
        {{ sentence('{limit_id} ({dimension})') }} as limit_name,
        case
            when value_after is null then 'nothing left'
            when not {{ is_beyond('value_after', 'breach_at', 'direction') }}
                then 'holds'
            when status = 'breach' then 'already broken'
            else 'breaks'
        end as limit_outcome
    from tried
),

-- A limit that is already broken may become better or worse; the text says by how much.
outcomes as (
    select
        scenario_id,
        count(*) as limits_tried,
        count(case when limit_outcome = 'holds' then 1 end) as limits_held,
        {{ joined_texts(
            "case when limit_outcome = 'breaks' then limit_name end", 'limit_name'
        ) }} as broken_limits,
        {{ joined_texts(
            "case when limit_outcome = 'already broken' then " ~ sentence(
                '{limit_name} from {value_before:value} to {value_after:value}'
            ) ~ ' end', 'limit_name'
        ) }} as already_broken_limits
    from judged
    group by scenario_id
),

results as (
    select
        scenarios.*,
        outcomes.broken_limits,
        outcomes.already_broken_limits,
        coalesce(outcomes.limits_tried, 0) as limits_tried,
        coalesce(outcomes.limits_held, 0) as limits_held,
        cast(indices.total_value as double) as value_before,
        -- A scenario that affects no entity leaves the indices unchanged.
        case
            when scenarios.entities_hit = 0 then indices.hhi else stress_indices.hhi
        end as hhi_after,
        case
            when scenarios.entities_hit = 0 then indices.cr1 else stress_indices.cr1
        end as cr1_after,
        indices.cr10 as top_10_share_before,
        case
            when scenarios.entities_hit = 0 then indices.cr10 else stress_indices.cr10
        end as top_10_share_after,
        -- A loss of everything except the last digits is a loss of everything.
        scenarios.value_lost
        >= cast(indices.total_value as double) * (1 - 1e-12) as is_all_lost
    from scenarios
    inner join indices on {{ same_keys('scenarios', 'indices', 'dimension, measure') }}
    left join stress_indices
        on
            {{ same_keys(
                'scenarios', 'stress_indices', 'scenario_id, dimension, measure'
            ) }}
            and stress_indices.period_grain = 'all'
    left join outcomes on scenarios.scenario_id = outcomes.scenario_id
)

select
    scenario_id,
    dimension,
    measure,
    description,
    first_entities,
    case
        when is_all_lost then 'nothing left'
        when broken_limits is not null then 'breaks'
        when already_broken_limits is not null then 'already broken'
        when limits_tried > 0 then 'holds'
        else 'no limit asked'
    end as limit_outcome,
    broken_limits,
    already_broken_limits,
    cast(limits_tried as bigint) as limits_tried,
    cast(limits_held as bigint) as limits_held,
    cast(entities_hit as bigint) as entities_hit,
    value_before,
    value_lost,
    value_lost / nullif(value_before, 0) as share_lost,
    hhi_after,
    cr1_after,
    top_10_share_before,
    top_10_share_after,
    broken_limits is not null and not is_all_lost as breaks_limit
from results
