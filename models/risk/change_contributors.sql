with

changes as (
    select * from {{ ref('concentration_changes') }}
    where is_comparable
),

shares as (
    select * from {{ ref('int_period_shares') }}
),

labels as (
    select * from {{ ref('int_entity_labels') }}
),

-- Each entity of either period, with its share in both.
sides as (
    select
        changes.dimension,
        changes.measure,
        changes.period_grain,
        changes.comparison,
        changes.period_start,
        changes.compared_start,
        shares.entity_id,
        shares.value_share,
        0.0 as compared_share
    from changes
    inner join shares
        on
            changes.dimension = shares.dimension
            and changes.measure = shares.measure
            and changes.period_grain = shares.period_grain
            and changes.period_start = shares.period_start
    union all
    select
        changes.dimension,
        changes.measure,
        changes.period_grain,
        changes.comparison,
        changes.period_start,
        changes.compared_start,
        shares.entity_id,
        0.0 as value_share,
        shares.value_share as compared_share
    from changes
    inner join shares
        on
            changes.dimension = shares.dimension
            and changes.measure = shares.measure
            and changes.period_grain = shares.period_grain
            and changes.compared_start = shares.period_start
),

entities as (
    select
        dimension,
        measure,
        period_grain,
        comparison,
        period_start,
        compared_start,
        entity_id,
        max(value_share) as value_share,
        max(compared_share) as compared_share,
        power(max(value_share), 2) - power(max(compared_share), 2) as contribution
    from sides
    group by
        dimension,
        measure,
        period_grain,
        comparison,
        period_start,
        compared_start,
        entity_id
),

ranked as (
    select
        *,
        row_number() over (
            partition by dimension, measure, period_grain, comparison, period_start
            order by abs(contribution) desc, entity_id
        ) as contribution_rank
    from entities
),

named as (
    select
        dimension,
        measure,
        period_grain,
        comparison,
        period_start,
        compared_start,
        case when contribution_rank <= 20 then entity_id end as entity_id,
        least(contribution_rank, 21) as contribution_rank,
        count(*) as entity_count,
        {{ exact_sum('value_share') }} as value_share,
        {{ exact_sum('compared_share') }} as compared_share,
        {{ exact_sum('contribution') }} as contribution
    from ranked
    group by
        dimension,
        measure,
        period_grain,
        comparison,
        period_start,
        compared_start,
        case when contribution_rank <= 20 then entity_id end,
        least(contribution_rank, 21)
)

select
    named.dimension,
    named.measure,
    named.period_grain,
    named.comparison,
    named.entity_id,
    case
        when named.entity_id is null
            then concat('the other ', cast(named.entity_count as string))
        else coalesce(labels.entity_label, named.entity_id)
    end as entity_label,
    case
        when named.entity_id is null then 'rest'
        when named.compared_share = 0 then 'entered'
        when named.value_share = 0 then 'left'
        when named.value_share > named.compared_share then 'grew'
        when named.value_share < named.compared_share then 'shrank'
        else 'unchanged'
    end as movement,
    cast(named.contribution_rank as integer) as contribution_rank,
    cast(named.entity_count as bigint) as entity_count,
    named.value_share,
    named.compared_share,
    named.contribution,
    named.period_start,
    named.compared_start
from named
left join labels
    on
        named.dimension = labels.dimension
        and named.entity_id = labels.entity_id
