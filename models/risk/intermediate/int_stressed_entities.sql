with

entities as (
    select * from {{ ref('entity_concentration') }}
    where entity_value > 0
),

scenarios as (
    select
        *,
        try_cast(split_part(parameter, '-', 1) as integer) as first_hour,
        try_cast(split_part(parameter, '-', 2) as integer) as last_hour
    from {{ ref('stress_scenarios') }}
),

counted as (
    select
        *,
        count(*) over (partition by dimension, measure) as entity_count
    from entities
),

matched as (
    select
        scenarios.scenario_id,
        counted.dimension,
        counted.measure,
        counted.entity_id,
        counted.entity_label,
        counted.value_rank,
        counted.entity_value as value_before,
        case scenarios.kind
            when 'top_count'
                then counted.value_rank <= try_cast(scenarios.parameter as integer)
            when 'top_percent'
                then
                    counted.value_rank
                    <= ceil(
                        counted.entity_count
                        * try_cast(scenarios.parameter as double)
                        / 100.0
                    )
            when 'entity'
                then scenarios.parameter in (counted.entity_id, counted.entity_label)
            when 'hours'
                -- Round the clock: 22-2 are the hours from 22:00 to 2:59.
                then
                    mod(
                        try_cast(counted.entity_id as integer)
                        - scenarios.first_hour + 24, 24
                    )
                    <= mod(scenarios.last_hour - scenarios.first_hour + 24, 24)
            else false
        end as is_hit,
        cast(scenarios.lost_share as double) as lost_share
    from scenarios
    inner join counted
        on
            scenarios.dimension = counted.dimension
            and scenarios.measure = counted.measure
),

stressed as (
    select
        *,
        -- In money, not in doubles: what is left adds up to the same digits every time.
        case
            when is_hit
                then cast(
                        cast(value_before as double) * (1 - lost_share)
                        as {{ money_sum_type() }}
                    )
            else value_before
        end as value_after
    from matched
)

select
    *,
    row_number() over (
        partition by scenario_id
        order by value_after desc, entity_id
    ) as rank_after,
    sum(value_after) over (partition by scenario_id) as total_after
from stressed
