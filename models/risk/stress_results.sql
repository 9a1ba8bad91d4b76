with

outcomes as (
    select * from {{ ref('int_stress_outcomes') }}
),

scenarios as (
    select * from {{ ref('int_scenarios') }}
),

-- One limit on several dimensions is named with the dimension. What is broken already
-- may become better or worse: by how much is said.
stress_limits as (
    select
        *,
        concat(limit_id, ' (', dimension, ')') as limit_name,
        concat(
            limit_id, ' (', dimension, ') from ',
            {{ indicator_value_words('indicator', 'value_before') }}, ' to ',
            {{ indicator_value_words('indicator', 'value_after') }}
        ) as moved_limit
    from {{ ref('int_stress_limits') }}
),

tried as (
    select
        scenario_id,
        count(*) as limits_tried,
        count(case when limit_outcome = 'holds' then 1 end) as limits_held,
        {{ joined_texts(
            "case when limit_outcome = 'breaks' then limit_name end", 'limit_name'
        ) }} as broken_limits,
        {{ joined_texts(
            "case when limit_outcome = 'already broken' then moved_limit end",
            'limit_name'
        ) }} as already_broken_limits
    from stress_limits
    group by scenario_id
),

judged as (
    select
        outcomes.*,
        tried.broken_limits,
        tried.already_broken_limits,
        coalesce(tried.limits_tried, 0) as limits_tried,
        coalesce(tried.limits_held, 0) as limits_held,
        -- What is lost but for the last digits is all.
        outcomes.value_lost >= outcomes.value_before * (1 - 1e-12) as is_all_lost
    from outcomes
    left join tried on outcomes.scenario_id = tried.scenario_id
)

select
    judged.scenario_id,
    scenarios.dimension,
    scenarios.measure,
    scenarios.description,
    judged.first_entities,
    case
        when judged.is_all_lost then 'nothing left'
        when judged.broken_limits is not null then 'breaks'
        when judged.already_broken_limits is not null then 'already broken'
        when judged.limits_tried > 0 then 'holds'
        else 'no limit asked'
    end as limit_outcome,
    judged.broken_limits,
    judged.already_broken_limits,
    cast(judged.limits_tried as bigint) as limits_tried,
    cast(judged.limits_held as bigint) as limits_held,
    cast(judged.entities_hit as bigint) as entities_hit,
    judged.value_before,
    judged.value_lost,
    judged.value_lost / nullif(judged.value_before, 0) as share_lost,
    judged.hhi_after,
    judged.cr1_after,
    judged.top_10_share_before,
    judged.top_10_share_after,
    judged.broken_limits is not null and not judged.is_all_lost as breaks_limit
from judged
inner join scenarios on judged.scenario_id = scenarios.scenario_id
