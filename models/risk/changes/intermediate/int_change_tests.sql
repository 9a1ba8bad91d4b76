{#- Longer than others: all changes of a build, in indices and in values, form one
    family of tests. -#}
with

comparisons as (select * from {{ ref('int_period_comparisons') }}),
indices as (select * from {{ ref('concentration_indices') }}),

compared as (
    select * from indices
),

complete_months as (
    select * from {{ ref('int_period_coverage') }}
    where period_grain = 'month' and is_complete
),

movers as (select * from {{ ref('int_period_movers') }}),
histories as (select * from {{ ref('int_entity_histories') }}),

bends as (
    select
        indices.dimension,
        indices.measure,
        {{ squared_bend('indices.hhi_unbiased', squared('indices.hhi_se'), 'along') }}
            as squared_bend
    from indices
    inner join complete_months
        on {{ same_keys('indices', 'complete_months', 'period_grain, period_start') }}
    window along as (
        partition by indices.dimension, indices.measure
        order by indices.period_start
    )
),

dispersions as (
    select
        dimension,
        measure,
        {{ dispersion('squared_bend', var('months_to_see_bursts') - 2) }}
            as dispersion
    from bends
    group by dimension, measure
),

changes as (
    select
        'hhi' as kind,
        indices.dimension,
        indices.measure,
        comparisons.period_grain,
        comparisons.comparison,
        cast(null as bigint) as entity_key,
        comparisons.is_comparable,
        indices.hhi,
        compared.hhi as compared_hhi,
        -- A month with few orders looks concentrated by chance. The tested value is
        -- free of that effect.
        indices.hhi_unbiased - compared.hhi_unbiased as tested_change,
        {% for end, opposite in [('low', 'high'), ('high', 'low')] -%}
        case
            when indices.hhi_low is not null and compared.hhi_low is not null
                then {{ hhi_change_end(
                    'indices.hhi_unbiased', 'indices.hhi_' ~ end,
                    'compared.hhi_unbiased', 'compared.hhi_' ~ opposite,
                    'coalesce(dispersions.dispersion, 1)', end
                ) }}
        end as change_{{ end }},
        {% endfor -%}
        sqrt(
            coalesce(dispersions.dispersion, 1)
            * ({{ squared('indices.hhi_se') }} + {{ squared('compared.hhi_se') }})
        ) as change_se,
        coalesce(dispersions.dispersion, 1) as dispersion,
        least(indices.effective_transactions, compared.effective_transactions)
            as effective_transactions,
        cast(null as double) as expected_orders,
        comparisons.period_start,
        comparisons.compared_start
    from comparisons
    inner join indices
        on {{ same_keys('comparisons', 'indices', 'period_grain, period_start') }}
    inner join compared
        on
            {{ same_keys('indices', 'compared', 'dimension, measure, period_grain') }}
            and comparisons.compared_start = compared.period_start
    left join dispersions
        on {{ same_keys('indices', 'dispersions', 'dimension, measure') }}
    union all
    -- The change at the same rate per day. Its variance is that of independent orders
    -- (the squares of both sides), multiplied by how much more the entity has varied.
    select
        'value' as kind,
        movers.dimension,
        movers.measure,
        movers.period_grain,
        movers.comparison,
        movers.entity_key,
        true as is_comparable,
        cast(null as double) as hhi,
        cast(null as double) as compared_hhi,
        movers.entity_value
        - movers.length_ratio * movers.compared_value as tested_change,
        cast(null as double) as change_low,
        cast(null as double) as change_high,
        sqrt(histories.dispersion * (
            movers.value_squares
            + {{ squared('movers.length_ratio') }} * movers.compared_squares
        )) as change_se,
        histories.dispersion,
        cast(null as double) as effective_transactions,
        case
            when movers.value_squares = 0 and movers.compared_squares > 0
                then histories.daily_orders * movers.day_count
        end as expected_orders,
        movers.period_start,
        movers.compared_start
    from movers
    left join histories
        on {{ same_keys('movers', 'histories', 'dimension, entity_key') }}
),

scored as (
    select
        *,
        tested_change / nullif(change_se, 0) as change_z,
        least(effective_transactions, {{ var('dispersion_degrees_of_freedom') }})
            as degrees_of_freedom
    from changes
),

-- If there are no orders at all, the orders of earlier months show how likely that was.
tested as (
    select
        *,
        case
            when is_comparable
                then least(
                        {{ two_sided_p(
                            normal_score('change_z', 'degrees_of_freedom')
                        ) }},
                        2 * exp(-expected_orders / dispersion)
                    )
        end as p_value
    from scored
),

-- Benjamini and Hochberg: the q-value of a change is p divided by the share of tests
-- that are at least as clear, or the smallest such value from here to the least clear
-- test.
ranked as (
    select
        *,
        p_value / cume_dist() over (
            partition by p_value is null
            order by p_value
        ) as build_ratio,
        p_value / cume_dist() over (
            partition by comparison, p_value is null
            order by p_value
        ) as comparison_ratio
    from tested
)

-- Seasonal changes since the previous period must not make changes since the previous
-- year look rarer: a change must pass among all tests and among those with its
-- comparison.
select
    kind,
    dimension,
    measure,
    period_grain,
    comparison,
    entity_key,
    is_comparable,
    hhi,
    compared_hhi,
    hhi - compared_hhi as hhi_change,
    tested_change,
    change_low,
    change_high,
    change_se,
    dispersion,
    effective_transactions,
    change_z,
    p_value,
    case
        when p_value is not null
            then least(1, greatest(
                    min(build_ratio) over (
                        order by p_value desc nulls last
                        rows between unbounded preceding and current row
                    ),
                    min(comparison_ratio) over (
                        partition by comparison
                        order by p_value desc nulls last
                        rows between unbounded preceding and current row
                    )
                ))
    end as q_value,
    period_start,
    compared_start
from ranked
