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
        count(*) over () as test_count,
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
)

-- Benjamini and Hochberg: the least rate of false findings at which this one is found.
select
    kind,
    dimension,
    measure,
    period_grain,
    comparison,
    entity_id,
    p_value,
    least(
        min(p_value * test_count / p_rank) over (
            order by p_rank desc
            rows between unbounded preceding and current row
        ),
        1
    ) as q_value,
    period_start
from ranked
