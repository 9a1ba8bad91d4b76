{#- Longer than others: each scenario leaves a spectrum of values that must be ranked
    before the formulas can read it. -#}
{%- set distribution = 'dimension, measure, period_grain' -%}
with

cells as (select * from {{ ref('int_stress_cells') }}),

scenarios as (
    select * from {{ ref('int_stressed_entities') }}
    where place = 1
),

latest as (
    select * from {{ ref('int_period_coverage') }}
    where is_latest_complete
),

spectrum as (
    select * from {{ ref('int_value_spectrum') }}
    where membership = 'member'
),

entity_values as (select * from {{ ref('int_entity_values') }}),

-- A scenario is computed for each distribution with a limit, and for the whole period
-- of the dimension that it affects.
asked as (
    select
        {{ distribution }},
        true as is_limited
    from {{ ref('limit_status') }}
    where is_latest_complete and status != 'not_measurable'
    union all
    select
        dimension,
        measure,
        'all' as period_grain,
        false as is_limited
    from scenarios
),

distributions as (
    select
        {{ distribution }},
        bool_or(is_limited) as is_limited,
        cast(row_number() over (order by {{ distribution }}) as integer)
            as distribution_number
    from asked
    group by {{ distribution }}
),

kinds as (
    select distinct
        dimension,
        scenario_bits,
        period_bits
    from cells
),

-- The scenarios that affect the same rows as this one. Two with the same set, such as
-- no credit cards and no main payment method, are computed once.
twins as (
    select
        scenarios.scenario_id,
        bit_and(kinds.scenario_bits) as twin_bits
    from scenarios
    inner join kinds on (kinds.scenario_bits & scenarios.scenario_bit) != 0
    group by scenarios.scenario_id
),

tries as (
    select
        distributions.*,
        scenarios.scenario_id,
        cast(dense_rank() over (
            order by
                distributions.distribution_number, twins.twin_bits, scenarios.lost_share
        ) as integer) as try_number,
        twins.twin_bits,
        cast(scenarios.lost_share as double) as lost_share
    from distributions
    inner join scenarios
        on
            distributions.measure = scenarios.measure
            and (
                distributions.is_limited
                or distributions.dimension = scenarios.dimension
                and distributions.period_grain = 'all'
            )
    inner join twins on scenarios.scenario_id = twins.scenario_id
),

numbered_tries as (
    select distinct
        try_number,
        distribution_number,
        {{ distribution }},
        twin_bits,
        lost_share
    from tries
),

-- The combinations in which a cell counts are determined once for all cells of a kind.
tries_of_kinds as (
    select
        kinds.*,
        numbered_tries.measure,
        numbered_tries.try_number
    from kinds
    inner join numbered_tries
        on
            kinds.dimension = numbered_tries.dimension
            and (kinds.scenario_bits & numbered_tries.twin_bits)
            = numbered_tries.twin_bits
            and (kinds.period_bits & {{ period_bit('numbered_tries.period_grain') }})
            != 0
),

losses as (
    select
        tries_of_kinds.try_number,
        cells.entity_key,
        sum({{ measure_value('tries_of_kinds.measure', 'cells') }}) as loss
    from cells
    inner join tries_of_kinds
        on {{ same_keys(
            'cells', 'tries_of_kinds', 'dimension, scenario_bits, period_bits'
        ) }}
    group by tries_of_kinds.try_number, cells.entity_key
),

values_before as (
    select
        distributions.distribution_number,
        entity_values.entity_key,
        {{ measure_value('distributions.measure', 'entity_values') }} as value_before
    from entity_values
    inner join latest
        on {{ same_keys('entity_values', 'latest', 'period_grain, period_start') }}
    inner join distributions
        on {{ same_keys('entity_values', 'distributions', 'dimension, period_grain') }}
),

changed as (
    select
        losses.try_number,
        values_before.value_before,
        values_before.value_before
        - {{ rounded_to_sum(
            'cast(losses.loss as double) * numbered_tries.lost_share'
        ) }} as value_after
    from losses
    inner join numbered_tries on losses.try_number = numbered_tries.try_number
    inner join values_before
        on
            numbered_tries.distribution_number = values_before.distribution_number
            and losses.entity_key = values_before.entity_key
    where losses.loss != 0
),

hit_tries as (
    select distinct try_number from changed
),

-- An entity that loses something moves to a smaller value; all others stay.
moves as (
    select
        hit_tries.try_number,
        spectrum.entity_value,
        spectrum.entity_count
    from hit_tries
    inner join numbered_tries on hit_tries.try_number = numbered_tries.try_number
    inner join spectrum on {{ same_keys('numbered_tries', 'spectrum', distribution) }}
    inner join latest
        on {{ same_keys('spectrum', 'latest', 'period_grain, period_start') }}
    union all
    select
        try_number,
        value_before as entity_value,
        -1 as entity_count
    from changed
    union all
    select
        try_number,
        value_after as entity_value,
        1 as entity_count
    from changed
),

-- A window adds doubles several times faster than integers, and counts of entities are
-- exact in both.
remaining as (
    select
        try_number,
        entity_value,
        cast(sum(entity_count) as double) as entity_count,
        entity_value * sum(entity_count) as group_value
    from moves
    where entity_value > 0
    group by try_number, entity_value
    having sum(entity_count) > 0
),

totals as (
    select
        try_number,
        sum(entity_count) as member_count,
        sum(group_value) as total_value
    from remaining
    group by try_number
),

ranked as (
    select
        *,
        sum(entity_count) over (
            partition by try_number
            order by entity_value desc
            rows between unbounded preceding and current row
        ) - entity_count as entities_above
    from remaining
),

relative as (
    select
        ranked.*,
        totals.member_count,
        totals.total_value,
        {{ relative_value(
            'ranked.entity_value', 'totals.member_count', 'totals.total_value',
            amount_decimals()
        ) }} as relative_value
    from ranked
    inner join totals on ranked.try_number = totals.try_number
),

sums as (
    select
        try_number,
        max(member_count) as entity_count,
        {{ spectrum_sums() }}
    from relative
    group by try_number
),

indices as (
    select
        *,
        {{ indices_of_sums() }}
    from sums
)

select
    tries.scenario_id,
    tries.dimension,
    tries.measure,
    tries.period_grain,
    indices.*
from indices
inner join tries on indices.try_number = tries.try_number
