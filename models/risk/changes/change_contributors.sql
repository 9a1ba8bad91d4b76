{#- Longer than others: the named entities and the rest add up to a change. -#}
with

changes as (
    select
        *,
        cast(row_number() over (
            order by dimension, measure, period_grain, comparison, period_start
        ) as integer) as change_number
    from {{ ref('concentration_changes') }}
    where is_comparable and hhi_change is not null
),

leading_entities as (select * from {{ ref('int_leading_entities') }}),
entity_values as (select * from {{ ref('int_entity_values') }}),
indices as (select * from {{ ref('concentration_indices') }}),
labels as (select * from {{ ref('int_entity_labels') }}),

-- Each pair of periods appears once under each of its periods.
sides as (
    select
        *,
        true as is_later,
        period_start as side_start
    from changes
    union all
    select
        *,
        false as is_later,
        compared_start as side_start
    from changes
),

movers as (
    select
        sides.change_number,
        leading_entities.entity_key,
        max(case when sides.is_later then leading_entities.value_share end)
            as value_share,
        max(case when not sides.is_later then leading_entities.value_share end)
            as compared_share
    from sides
    inner join leading_entities
        on
            {{ same_keys(
                'sides', 'leading_entities', 'dimension, measure, period_grain'
            ) }}
            and sides.side_start = leading_entities.period_start
    group by sides.change_number, leading_entities.entity_key
),

-- An entity that is large in one period may be small or missing in the other, and is
-- looked up only there.
small_shares as (
    select
        movers.change_number,
        movers.entity_key,
        {{ share_of(
            'greatest(' ~ measure_value('sides.measure', 'entity_values') ~ ', 0)',
            'indices.total_value'
        ) }} as small_share
    from movers
    inner join sides
        on
            movers.change_number = sides.change_number
            and (movers.value_share is null) = sides.is_later
    inner join indices
        on
            {{ same_keys('sides', 'indices', 'dimension, measure, period_grain') }}
            and sides.side_start = indices.period_start
    inner join entity_values
        on
            {{ same_keys('sides', 'entity_values', 'dimension, period_grain') }}
            and {{ same_keys('movers', 'entity_values', 'entity_key') }}
            and sides.side_start = entity_values.period_start
    where movers.value_share is null or movers.compared_share is null
),

shares as (
    select
        movers.change_number,
        movers.entity_key,
        coalesce(movers.value_share, small_shares.small_share, 0) as value_share,
        coalesce(movers.compared_share, small_shares.small_share, 0)
            as compared_share
    from movers
    left join small_shares
        on {{ same_keys('movers', 'small_shares', 'change_number, entity_key') }}
),

contributions as (
    select
        *,
        {{ squared('value_share') }} - {{ squared('compared_share') }} as contribution
    from shares
),

largest as (
    select
        *,
        rank() over (
            partition by change_number
            order by abs(contribution) desc
        ) as place
    from contributions
),

-- Ties are broken by id.
ranked as (
    select
        changes.*,
        labels.entity_id,
        labels.entity_label,
        largest.value_share,
        largest.compared_share,
        largest.contribution,
        row_number() over (
            partition by largest.change_number
            order by largest.place, labels.entity_id
        ) as contribution_rank
    from largest
    inner join changes on largest.change_number = changes.change_number
    inner join labels
        on
            changes.dimension = labels.dimension
            and largest.entity_key = labels.entity_key
    where largest.place <= 20
),

named as (
    select * from ranked
    where contribution_rank <= 20
),

named_sums as (
    select
        change_number,
        count(case when value_share > 0 then 1 end) as entity_count,
        {{ exact_sum('value_share') }} as value_share,
        {{ exact_sum('compared_share') }} as compared_share,
        {{ exact_sum('contribution') }} as contribution
    from named
    group by change_number
),

-- All others together: the total minus the named entities. Where all entities are
-- named, the remainder is rounding and counts as zero.
rest as (
    select
        changes.*,
        indices.entity_count - coalesce(named_sums.entity_count, 0) as entity_count,
        1 - coalesce(named_sums.value_share, 0) as value_share,
        1 - coalesce(named_sums.compared_share, 0) as compared_share,
        changes.hhi_change - coalesce(named_sums.contribution, 0) as contribution
    from changes
    inner join indices
        on {{ same_keys(
            'changes', 'indices', 'dimension, measure, period_grain, period_start'
        ) }}
    left join named_sums on changes.change_number = named_sums.change_number
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
