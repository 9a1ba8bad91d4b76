{#- Longer than others: all changes of a build, in indices and in values, are one
    family of tests. -#}
with

hhi_changes as (
    select * from {{ ref('int_hhi_changes') }}
),

movers as (
    select * from {{ ref('int_period_movers') }}
    where is_tested
),

histories as (
    select * from {{ ref('int_entity_histories') }}
),

changes as (
    select
        'hhi' as kind,
        dimension,
        measure,
        period_grain,
        comparison,
        cast(null as bigint) as entity_key,
        period_start,
        is_comparable,
        hhi_unbiased_change as tested_change,
        change_se,
        dispersion,
        least(effective_transactions, {{ var('dispersion_degrees_of_freedom') }})
            as degrees_of_freedom,
        cast(null as double) as expected_orders
    from hhi_changes
    union all
    -- The change at the same rate a day. Its variance is that of independent orders,
    -- the squares of both sides, times how much more the entity has varied than that.
    select
        'value' as kind,
        movers.dimension,
        movers.measure,
        movers.period_grain,
        movers.comparison,
        movers.entity_key,
        movers.period_start,
        true as is_comparable,
        movers.entity_value
        - movers.length_ratio * movers.compared_value as tested_change,
        sqrt(histories.dispersion * (
            movers.value_squares
            + {{ squared('movers.length_ratio') }} * movers.compared_squares
        )) as change_se,
        histories.dispersion,
        {{ var('dispersion_degrees_of_freedom') }} as degrees_of_freedom,
        case
            when movers.value_squares = 0 and movers.compared_squares > 0
                then histories.daily_orders * movers.day_count
        end as expected_orders
    from movers
    left join histories
        on {{ same_keys('movers', 'histories', 'dimension, entity_key') }}
),

scored as (
    select
        *,
        tested_change / nullif(change_se, 0) as change_z
    from changes
),

-- Where nothing came in at all, the orders of earlier months say how likely that was.
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

-- Benjamini and Hochberg: the least rate of false findings at which a change is found
-- is p over the part of tests that are as clear, the least of it from here to the least
-- clear.
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

-- Seasonal changes against the period before must not make changes against the year
-- before look rarer: a change must pass among all tests and among those of its
-- comparison.
select
    kind,
    dimension,
    measure,
    period_grain,
    comparison,
    entity_key,
    tested_change,
    change_se,
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
    period_start
from ranked
