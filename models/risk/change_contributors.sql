with

movers as (
    select * from {{ ref('int_period_movers') }}
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

contributions as (
    select
        *,
        {{ squared('value_share') }} - {{ squared('compared_share') }} as contribution
    from movers
),

largest as (
    select
        *,
        rank() over (
            partition by dimension, measure, period_grain, comparison, period_start
            order by abs(contribution) desc
        ) as place
    from contributions
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
    inner join labels
        on
            largest.dimension = labels.dimension
            and largest.entity_key = labels.entity_key
    where largest.place <= 20
),

named as (
    select * from ranked
    where contribution_rank <= 20
),

named_sums as (
    select
        dimension,
        measure,
        period_grain,
        comparison,
        period_start,
        sum(case when value_share > 0 then 1 else 0 end) as entity_count,
        {{ exact_sum('value_share') }} as value_share,
        {{ exact_sum('compared_share') }} as compared_share,
        {{ exact_sum('contribution') }} as contribution
    from named
    group by dimension, measure, period_grain, comparison, period_start
),

-- All others together: what the named leave of the whole.
rest as (
    select
        changes.dimension,
        changes.measure,
        changes.period_grain,
        changes.comparison,
        changes.period_start,
        changes.compared_start,
        cast(
            indices.entity_count - coalesce(named_sums.entity_count, 0) as bigint
        ) as entity_count,
        1 - coalesce(named_sums.value_share, 0) as value_share,
        1 - coalesce(named_sums.compared_share, 0) as compared_share,
        changes.hhi_change - coalesce(named_sums.contribution, 0) as contribution
    from changes
    inner join indices
        on
            changes.dimension = indices.dimension
            and changes.measure = indices.measure
            and changes.period_grain = indices.period_grain
            and changes.period_start = indices.period_start
    left join named_sums
        on
            changes.dimension = named_sums.dimension
            and changes.measure = named_sums.measure
            and changes.period_grain = named_sums.period_grain
            and changes.comparison = named_sums.comparison
            and changes.period_start = named_sums.period_start
)

select
    named.dimension,
    named.measure,
    named.period_grain,
    named.comparison,
    named.entity_id,
    named.entity_label,
    case
        when named.compared_share = 0 then 'entered'
        when named.value_share = 0 then 'left'
        when named.value_share > named.compared_share then 'grew'
        when named.value_share < named.compared_share then 'shrank'
        else 'unchanged'
    end as movement,
    cast(named.contribution_rank as integer) as contribution_rank,
    cast(1 as bigint) as entity_count,
    named.value_share,
    named.compared_share,
    named.contribution,
    named.period_start,
    named.compared_start
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
    -- What rounding leaves of a whole whose parts are all named is nothing.
    case when value_share < 1e-12 then 0 else value_share end as value_share,
    case when compared_share < 1e-12 then 0 else compared_share end as compared_share,
    contribution,
    period_start,
    compared_start
from rest
where value_share >= 1e-12 or compared_share >= 1e-12
