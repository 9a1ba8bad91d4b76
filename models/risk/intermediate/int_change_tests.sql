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
        {% for family, partition in [
            ('build', ''), ('comparison', 'partition by comparison')
        ] -%}
        count(*) over ({{ partition }}) as {{ family }}_count,
        row_number() over (
            {{ partition }}
            order by
                p_value,
                kind,
                dimension,
                measure,
                period_grain,
                comparison,
                period_start,
                entity_id
        ) as {{ family }}_rank{{ ',' if not loop.last }}
        {% endfor %}
    from tests
),

-- Benjamini and Hochberg: the least rate of false findings at which this one is found.
adjusted as (
    select
        *,
        {% for family, partition in [
            ('build', ''), ('comparison', 'partition by comparison')
        ] -%}
        min(p_value * {{ family }}_count / {{ family }}_rank) over (
            {{ partition }}
            order by {{ family }}_rank desc
            rows between unbounded preceding and current row
        ) as {{ family }}_q{{ ',' if not loop.last }}
        {% endfor %}
    from ranked
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
