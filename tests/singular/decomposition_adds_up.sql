-- The between and within parts of all groups add up to the index of all entities, which
-- is computed separately.
with

concentration_decomposition as (select * from {{ ref('concentration_decomposition') }}),
concentration_indices as (select * from {{ ref('concentration_indices') }}),

groups_together as (
    select
        dimension,
        group_dimension,
        period_grain,
        period_start,
        measure,
        sum(entity_count) as entity_count,
        sum(group_value) as group_value,
        sum(group_share) as group_share,
        sum(hhi_between + hhi_within) as hhi,
        sum(theil_between + theil_within) as theil_t,
        sum(theil_between) as theil_between
    from concentration_decomposition
    group by dimension, group_dimension, period_grain, period_start, measure
)

select
    groups_together.*,
    concentration_indices.entity_count as all_entities,
    concentration_indices.total_value as all_value,
    concentration_indices.hhi as all_hhi,
    concentration_indices.theil_t as all_theil
from groups_together
left join concentration_indices
    on
        groups_together.dimension = concentration_indices.dimension
        and groups_together.period_grain = concentration_indices.period_grain
        and groups_together.period_start = concentration_indices.period_start
        and groups_together.measure = concentration_indices.measure
where
    concentration_indices.dimension is null
    or groups_together.entity_count != concentration_indices.entity_count
    or groups_together.group_value != concentration_indices.total_value
    or abs(groups_together.group_share - 1) > 1e-9
    or abs(groups_together.hhi / concentration_indices.hhi - 1) > 1e-9
    or abs(groups_together.theil_t - concentration_indices.theil_t) > 1e-9
    or groups_together.theil_between < -1e-9
