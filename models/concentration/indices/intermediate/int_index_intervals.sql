{#- Longer than others: it computes five intervals, each with its centre, bounds and
   reason. -#}
{%- set few = var('transactions_to_estimate') -%}
{%- set equal_orders = entropy_with_equal_orders(
    'shannon_entropy', 'active_count', 'transaction_hhi'
) -%}
{%- set own_orders = entropy_with_own_orders(
    'shannon_entropy', 'own_order_share', 'transaction_hhi'
) -%}
with

index_sums as (
    select
        *,
        {{ hhi_of_sums('relative_variance', 'entity_count') }} as hhi,
        {{ hhi_unbiased('pair_surplus', 'transaction_hhi') }} as hhi_unbiased
    from {{ ref('int_index_sums') }}
),

index_floors as (
    select * from {{ ref('int_index_floors') }}
),

even_tests as (
    select
        *,
        verdict = 'indistinguishable_from_even' as is_even
    from {{ ref('int_even_tests') }}
),

-- For each index: a value that is too low, a value that is too high, and the value of
-- equal entities.
centres as (
    select
        index_sums.dimension,
        index_sums.period_grain,
        index_sums.period_start,
        index_sums.measure,
        even_tests.is_even,
        even_tests.population,
        coalesce(1e0 / even_tests.population_count, 0) as hhi_least,
        ln(even_tests.population_count) as shannon_most,
        index_sums.transaction_hhi <= 1e0 / {{ few }} as has_enough,
        index_sums.rarity,
        {{ errors_reached(
            'fourth_power_weight', var('critical_score'), var('tail_allowance')
        ) }} as errors_reached,
        index_sums.hhi_unbiased as hhi_from,
        index_sums.hhi_unbiased as hhi_to,
        index_sums.hhi_se,
        1e0 / even_tests.population as hhi_even,
        {% for k in [1, 10] -%}
        least(
            index_floors.cr{{ k }}_floor,
            index_sums.cr{{ k }} - 1.5 * index_floors.cr{{ k }}_contested
        ) as cr{{ k }}_from,
        index_sums.cr{{ k }} as cr{{ k }}_to,
        index_sums.cr{{ k }}_se,
        least({{ k }}e0 / even_tests.population, 1) as cr{{ k }}_even,
        {% endfor -%}
        least(
            1.5 * index_floors.gini_floor - 0.5 * index_sums.gini,
            index_sums.gini,
            {{ gini_without_chance('gini', 'hhi', 'hhi_unbiased', 'entity_count') }}
        ) as gini_from,
        index_sums.gini as gini_to,
        index_sums.gini_se,
        0 as gini_even,
        least({{ equal_orders }}, {{ own_orders }}) as shannon_from,
        greatest({{ equal_orders }}, {{ own_orders }}) as shannon_to,
        index_sums.shannon_se,
        ln(even_tests.population) as shannon_even
    from index_sums
    inner join index_floors
        on {{ same_keys(
            'index_sums', 'index_floors',
            'dimension, period_grain, period_start, measure'
        ) }}
    inner join even_tests
        on {{ same_keys(
            'index_sums', 'even_tests', 'dimension, period_grain, period_start, measure'
        ) }}
),

-- The largest share is at least the weighted mean share, HHI: if two entities lead
-- together, each would rank below the other without its own order.
bounded as (
    select
        *,
        {{ index_low(
            'hhi_from', 'hhi_se', 'errors_reached', 'hhi_even', 'is_even',
            'hhi_least', 1
        ) }} as cr_least
    from centres
),

intervals as (
    select
        dimension,
        period_grain,
        period_start,
        measure,
        population,
        {% for index, least_value, most_value, rarity_limit in [
            ('hhi', 'hhi_least', 1, none),
            ('cr1', 'cr_least', 1, none),
            ('cr10', 'cr_least', 1, none),
            ('gini', 0, 1, var('rarity_to_estimate_gini')),
            ('shannon', 0, 'shannon_most', var('rarity_to_estimate_entropy')),
        ] -%}
        {% set width = [
            index ~ '_se', 'errors_reached', index ~ '_even', 'is_even',
            least_value, most_value
        ] -%}
        case
            when
                has_enough
                {{ 'and rarity <= ' ~ rarity_limit if rarity_limit }}
                then
                    {{ index_low(index ~ '_from', *width) }}
        end as {{ index }}_low,
        case
            when
                has_enough
                {{ 'and rarity <= ' ~ rarity_limit if rarity_limit }}
                then
                    {{ index_high(index ~ '_to', *width) }}
        end as {{ index }}_high,
        {% endfor -%}
        case
            when not coalesce(has_enough, false)
                then 'no intervals: fewer than {{ few }} effective transactions'
            when rarity > {{ var('rarity_to_estimate_gini') }}
                then
                    'no interval of gini and shannon_entropy: '
                    || 'most entities have only one transaction or a few'
            when rarity > {{ var('rarity_to_estimate_entropy') }}
                then
                    'no interval of shannon_entropy: '
                    || 'many entities have only one transaction or a few'
        end as interval_reason,
        hhi_from as hhi_unbiased
    from bounded
),

excesses as (
    select
        *,
        {{ excess_over_even('hhi_unbiased', 'population') }} as excess_over_even,
        {{ excess_over_even('hhi_low', 'population') }} as excess_over_even_low,
        {{ excess_over_even('hhi_high', 'population') }} as excess_over_even_high
    from intervals
)

select
    *,
    {{ excess_level('excess_over_even', var('excess_levels')) }} as excess_level
from excesses
