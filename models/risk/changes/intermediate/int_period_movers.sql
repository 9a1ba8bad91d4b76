{#- Longer than others: the few that move are cut out of all before they are joined. -#}
{%- set period = 'dimension, measure, period_grain, period_start' -%}
with

comparisons as (
    select * from {{ ref('int_period_comparisons') }}
    where is_comparable
),

leading_entities as (
    select * from {{ ref('int_leading_entities') }}
),

entity_values as (
    select * from {{ ref('int_entity_values') }}
),

totals as (
    select distinct
        dimension,
        measure,
        period_grain,
        period_start,
        total_value
    from {{ ref('int_value_spectrum') }}
    where standing = 'member' and total_value > 0
),

compared_totals as (
    select * from totals
),

-- Each pair of periods under the one and under the other.
sides as (
    select
        *,
        period_start as side_start
    from comparisons
    union all
    select
        *,
        compared_start as side_start
    from comparisons
),

movers as (
    select distinct
        leading_entities.dimension,
        leading_entities.measure,
        sides.period_grain,
        sides.comparison,
        leading_entities.entity_key,
        sides.period_start,
        sides.compared_start
    from sides
    inner join leading_entities
        on
            sides.period_grain = leading_entities.period_grain
            and sides.side_start = leading_entities.period_start
),

-- Only their values go into the joins below.
moving_entities as (
    select distinct
        dimension,
        period_grain,
        entity_key
    from movers
),

mover_values as (
    select entity_values.*
    from entity_values
    inner join moving_entities
        on {{ same_keys(
            'entity_values', 'moving_entities', 'dimension, period_grain, entity_key'
        ) }}
),

compared_values as (
    select * from mover_values
),

-- Who is large in one period may be anything in the other, or be missing there.
valued as (
    select
        movers.*,
        coalesce({{ measure_value('movers.measure', 'mover_values') }}, 0)
            as entity_value,
        coalesce({{ measure_value('movers.measure', 'compared_values') }}, 0)
            as compared_value,
        coalesce({{ measure_squares('movers.measure', 'mover_values') }}, 0)
            as value_squares,
        coalesce({{ measure_squares('movers.measure', 'compared_values') }}, 0)
            as compared_squares,
        totals.total_value,
        compared_totals.total_value as compared_total_value
    from movers
    inner join totals on {{ same_keys('movers', 'totals', period) }}
    inner join compared_totals
        on
            {{ same_keys(
                'movers', 'compared_totals', 'dimension, measure, period_grain'
            ) }}
            and movers.compared_start = compared_totals.period_start
    left join mover_values
        on {{ same_keys(
            'movers', 'mover_values',
            'dimension, period_grain, period_start, entity_key'
        ) }}
    left join compared_values
        on
            {{ same_keys(
                'movers', 'compared_values', 'dimension, period_grain, entity_key'
            ) }}
            and movers.compared_start = compared_values.period_start
)

select
    *,
    coalesce({{ share_of('greatest(entity_value, 0)', 'total_value') }}, 0)
        as value_share,
    coalesce({{ share_of('greatest(compared_value, 0)', 'compared_total_value') }}, 0)
        as compared_share
from valued
