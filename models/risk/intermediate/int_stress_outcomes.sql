with

stressed_entities as (
    select * from {{ ref('int_stressed_entities') }}
),

totals as (
    select
        scenario_id,
        sum(case when is_hit then 1 else 0 end) as entities_hit,
        sum(case when value_after > 0 then 1 else 0 end) as entities_after,
        {{ joined_texts(
            'case when is_hit and value_rank <= 10 then entity_label end', 'value_rank'
        ) }} as first_entities,
        sum(value_before) as value_before,
        sum(value_after) as value_after,
        sum(case when value_rank <= 10 then value_before end) as top_10_before
    from stressed_entities
    group by scenario_id
),

-- Who is not hit keeps its place among the others: the ten largest of the rest are
-- among the first ten and as many more as are hit. Equals may change places, which
-- changes nothing in what they bring.
ranked as (
    select
        stressed_entities.scenario_id,
        stressed_entities.value_after,
        row_number() over (
            partition by stressed_entities.scenario_id
            order by stressed_entities.value_after desc
        ) as rank_after
    from stressed_entities
    inner join totals on stressed_entities.scenario_id = totals.scenario_id
    where stressed_entities.value_rank <= totals.entities_hit + 10
),

leaders as (
    select
        scenario_id,
        max(value_after) as largest_after,
        sum(value_after) as top_10_after
    from ranked
    where rank_after <= 10
    group by scenario_id
),

squares as (
    select
        stressed_entities.scenario_id,
        {{ exact_sum(
            'power(' ~ share_of('stressed_entities.value_after', 'totals.value_after')
            ~ ', 2)', 30
        ) }} as hhi_after
    from stressed_entities
    inner join totals on stressed_entities.scenario_id = totals.scenario_id
    group by stressed_entities.scenario_id
)

select
    totals.scenario_id,
    totals.first_entities,
    totals.entities_hit,
    totals.entities_after,
    cast(totals.value_before as double) as value_before,
    cast(totals.value_before - totals.value_after as double) as value_lost,
    squares.hhi_after,
    {{ share_of('leaders.largest_after', 'totals.value_after') }} as cr1_after,
    {{ share_of('leaders.top_10_after', 'totals.value_after') }}
        as top_10_share_after,
    {{ share_of('totals.top_10_before', 'totals.value_before') }}
        as top_10_share_before
from totals
inner join leaders on totals.scenario_id = leaders.scenario_id
inner join squares on totals.scenario_id = squares.scenario_id
