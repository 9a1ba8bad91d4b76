{#- Longer than others: the entities named and the rest of them add up to a change. -#}
{%- set pair = 'dimension, measure, period_grain, comparison, period_start' -%}
with

movers as (
    select
        *,
        {{ squared('value_share') }} - {{ squared('compared_share') }} as contribution
    from {{ ref('int_period_movers') }}
    where dimension != 'total'
),

changes as (
    select * from {{ ref('concentration_changes') }}
    where is_comparable and hhi_change is not null
),

indices as (
    select * from {{ ref('concentration_indices') }}
),

labels as (
    select * from {{ ref('int_entity_labels') }}
),

largest as (
    select
        *,
        rank() over (
            partition by {{ pair }}
            order by abs(contribution) desc
        ) as place
    from movers
),

-- Equals go by id.
ranked as (
    select
        largest.*,
        labels.entity_id,
        labels.entity_label,
        row_number() over (
            partition by
                largest.dimension,
                largest.measure,
                largest.period_grain,
                largest.comparison,
                largest.period_start
            order by largest.place, labels.entity_id
        ) as contribution_rank
    from largest
    inner join labels on {{ same_keys('largest', 'labels', 'dimension, entity_key') }}
    where largest.place <= 20
),

named as (
    select * from ranked
    where contribution_rank <= 20
),

-- All others together: what the named leave of the whole. What rounding leaves where
-- all are named counts as nothing.
rest as (
    select
        changes.dimension,
        changes.measure,
        changes.period_grain,
        changes.comparison,
        changes.period_start,
        changes.compared_start,
        indices.entity_count
        - count(case when named.value_share > 0 then 1 end) as entity_count,
        1 - coalesce({{ exact_sum('named.value_share') }}, 0) as value_share,
        1 - coalesce({{ exact_sum('named.compared_share') }}, 0) as compared_share,
        changes.hhi_change - coalesce({{ exact_sum('named.contribution') }}, 0)
            as contribution
    from changes
    inner join indices
        on {{ same_keys(
            'changes', 'indices', 'dimension, measure, period_grain, period_start'
        ) }}
    left join named on {{ same_keys('changes', 'named', pair) }}
    group by
        changes.dimension,
        changes.measure,
        changes.period_grain,
        changes.comparison,
        changes.period_start,
        changes.compared_start,
        changes.hhi_change,
        indices.entity_count
)

select
    dimension,
    measure,
    period_grain,
    comparison,
    entity_id,
    entity_label,
    case
        when compared_share = 0 then 'entered'
        when value_share = 0 then 'left'
        when value_share > compared_share then 'grew'
        when value_share < compared_share then 'shrank'
        else 'unchanged'
    end as movement,
    cast(contribution_rank as integer) as contribution_rank,
    cast(1 as bigint) as entity_count,
    value_share,
    compared_share,
    contribution,
    period_start,
    compared_start
from named
union all
select
    dimension,
    measure,
    period_grain,
    comparison,
    cast(null as string) as entity_id,
    'all others' as entity_label,
    'rest' as movement,
    21 as contribution_rank,
    entity_count,
    case when value_share < 1e-12 then 0 else value_share end as value_share,
    case when compared_share < 1e-12 then 0 else compared_share end as compared_share,
    contribution,
    period_start,
    compared_start
from rest
where value_share >= 1e-12 or compared_share >= 1e-12
