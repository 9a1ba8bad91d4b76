-- The same indices are computed in two ways that share only the values of the entities:
-- here from single entities and their ranks, and in the models from the value spectrum.
-- The sum of rank times share is smallest if ranks follow values, so Hall-Tideman
-- agrees only for the right order.
with

entity_concentration as (select * from {{ ref('entity_concentration') }}),

concentration_indices as (
    select * from {{ ref('concentration_indices') }}
    where period_grain = 'all'
),

entity_sums as (
    select
        dimension,
        measure,
        sum(case when value_rank is not null then greatest(entity_value, 0) end)
            as ranked_value,
        count(value_rank) as ranked_count,
        max(value_rank) as last_rank,
        sum(value_rank) as rank_sum,
        sum(value_share) as share_sum,
        max(cumulative_share) as last_cumulative_share,
        max(case when value_rank = 1 then cumulative_share end) as cr1,
        max(case when value_rank <= 4 then cumulative_share end) as cr4,
        max(case when value_rank <= 20 then cumulative_share end) as cr20,
        sum(power(value_share, 2)) as hhi,
        1 / (2 * sum(value_rank * value_share) - 1) as hall_tideman
    from entity_concentration
    group by dimension, measure
),

compared as (
    select
        concentration_indices.dimension,
        concentration_indices.measure,
        case
            when
                coalesce(entity_sums.ranked_value, 0)
                != concentration_indices.total_value
                then 'the values of the entities do not add up to the total'
            when
                entity_sums.last_rank != entity_sums.ranked_count
                or entity_sums.rank_sum
                != entity_sums.ranked_count * (entity_sums.ranked_count + 1) / 2
                then 'the ranks are not 1, 2, 3 ...'
            when concentration_indices.total_value = 0 then null
            when
                abs(entity_sums.share_sum - 1) > 1e-9
                or entity_sums.last_cumulative_share != 1
                then 'the shares do not add up to 1'
            when
                abs(entity_sums.hall_tideman / concentration_indices.hall_tideman - 1)
                > 1e-9
                then 'the ranks do not follow the values'
            when
                abs(entity_sums.hhi / concentration_indices.hhi - 1) > 1e-9
                or abs(entity_sums.cr1 - concentration_indices.cr1) > 1e-9
                or abs(entity_sums.cr4 - concentration_indices.cr4) > 1e-9
                or abs(entity_sums.cr20 - concentration_indices.cr20) > 1e-9
                then 'the indices of the entities are not those of the spectrum'
        end as finding,
        concentration_indices.total_value,
        entity_sums.ranked_value,
        entity_sums.ranked_count,
        entity_sums.share_sum,
        entity_sums.hhi,
        concentration_indices.hhi as spectrum_hhi
    from concentration_indices
    left join entity_sums
        on
            concentration_indices.dimension = entity_sums.dimension
            and concentration_indices.measure = entity_sums.measure
)

select * from compared
where finding is not null
