with

hhi_changes as (
    select * from {{ ref('int_hhi_changes') }}
),

value_changes as (
    select * from {{ ref('int_value_changes') }}
),

tests as (
    select
        'hhi' as kind,
        dimension,
        measure,
        period_grain,
        comparison,
        '' as entity_id,
        p_value,
        period_start
    from hhi_changes
    where p_value is not null
    union all
    select
        'value' as kind,
        dimension,
        measure,
        period_grain,
        comparison,
        entity_id,
        p_value,
        period_start
    from value_changes
    where p_value is not null
),

ranked as (
    select
        *,
        row_number() over (
            order by
                p_value,
                kind,
                dimension,
                measure,
                period_grain,
                comparison,
                period_start,
                entity_id
        ) as p_rank
    from tests
),

counted as (
    select
        *,
        count(*) over () as test_count,
        count(*) over (partition by comparison) as comparison_count,
        row_number() over (
            partition by comparison
            order by p_rank
        ) as comparison_rank
    from ranked
),

-- Benjamini and Hochberg: the least rate of false findings at which this one is found.
adjusted as (
    select
        *,
        min(p_value * test_count / p_rank) over (
            order by p_rank desc
            rows between unbounded preceding and current row
        ) as build_q,
        min(p_value * comparison_count / comparison_rank) over (
            partition by comparison
            order by comparison_rank desc
            rows between unbounded preceding and current row
        ) as comparison_q
    from counted
)

-- What every season moves against the month before is no excuse for what is compared
-- with the year before.
select
    kind,
    dimension,
    measure,
    period_grain,
    comparison,
    entity_id,
    p_value,
    least(greatest(build_q, comparison_q), 1) as q_value,
    period_start
from adjusted
