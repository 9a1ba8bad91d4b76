with

entities as (
    -- A month that has passed cannot be lost, and neither can all purchases.
    select * from {{ ref('entity_concentration') }}
    where
        measure = '{{ main_measure() }}'
        and entity_value > 0
        and dimension not in ('year', 'month', 'date', 'interaction_type')
),

limit_status as (
    select * from {{ ref('limit_status') }}
    where is_latest_complete and headroom_value is not null
),

leaders as (
    select * from {{ ref('int_leading_entities') }}
    where is_largest
),

targets as (
    {%- for target in var('reverse_stress_targets') %}
    select cast({{ target }} as double) as target
    {{ 'union all' if not loop.last }}
    {%- endfor %}
),

-- The smallest number of the largest whose loss removes that part of revenue.
reached as (
    select
        entities.dimension,
        targets.target,
        min(entities.value_rank) as entity_count,
        min(entities.cumulative_share) as share_reached
    from entities
    cross join targets
    where entities.cumulative_share >= targets.target
    group by entities.dimension, targets.target
)

select
    'lose_share' as question,
    reached.dimension,
    '{{ main_measure() }}' as measure,
    cast(null as string) as limit_id,
    {{ joined_texts(
        'case when entities.value_rank <= 10 then entities.entity_label end',
        'entities.value_rank'
    ) }} as first_entities,
    cast(reached.entity_count as bigint) as entity_count,
    reached.target,
    reached.share_reached,
    cast(sum(entities.entity_value) as double) as answer_value
from reached
inner join entities
    on
        reached.dimension = entities.dimension
        and reached.entity_count >= entities.value_rank
group by
    reached.dimension, reached.target, reached.entity_count, reached.share_reached
union all
select
    'grow_to_limit' as question,
    limit_status.dimension,
    limit_status.measure,
    limit_status.limit_id,
    leaders.entity_label as first_entities,
    cast(1 as bigint) as entity_count,
    limit_status.breach_at as target,
    limit_status.indicator_value as share_reached,
    limit_status.headroom_value as answer_value
from limit_status
left join leaders
    on {{ same_keys(
        'limit_status', 'leaders', 'dimension, measure, period_grain, period_start'
    ) }}
