{#- Longer than others: all changes of a build, in indices and in values, are one
    family of tests. -#}
with

hhi_changes as (
    select * from {{ ref('int_hhi_changes') }}
),

value_pairs as (
    select * from {{ ref('int_value_pairs') }}
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
    -- What came in at the same rate a day, against the squares of the orders of both
    -- sides, and how much more the entity has varied than independent orders do.
    select
        'value' as kind,
        value_pairs.dimension,
        value_pairs.measure,
        value_pairs.period_grain,
        value_pairs.comparison,
        value_pairs.entity_key,
        value_pairs.period_start,
        true as is_comparable,
        value_pairs.entity_value
        - value_pairs.length_ratio * value_pairs.compared_value as tested_change,
        sqrt(histories.dispersion * (
            value_pairs.value_squares
            + {{ squared('value_pairs.length_ratio') }} * value_pairs.compared_squares
        )) as change_se,
        histories.dispersion,
        {{ var('dispersion_degrees_of_freedom') }} as degrees_of_freedom,
        case
            when value_pairs.value_squares = 0 and value_pairs.compared_squares > 0
                then histories.daily_orders * value_pairs.day_count
        end as expected_orders
    from value_pairs
    left join histories
        on {{ same_keys('value_pairs', 'histories', 'dimension, entity_key') }}
),

scored as (
    select
        *,
        tested_change / nullif(change_se, 0) as change_z
    from changes
),

-- Where nothing came in at all, all months before say how likely that was.
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

-- What every season moves against the month before is no excuse for what is compared
-- with the year before: a change is held against all tests, and against those of its
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
