{#- Longer than others: one row of 73 columns contains everything about a
    distribution. -#}
{%- set few = var('transactions_to_estimate') -%}
{#- For each index with an interval: a value that is too low, a value that is too high,
    the value of equal entities, the bounds, and the greatest rarity. -#}
{%- set estimates = [
    ('hhi', 'hhi_unbiased', 'hhi_unbiased', '1e0 / population', 'hhi_least', 1, none),
    ('cr1', 'least(cr1_floor, cr1 - 1.5 * cr1_contested)', 'cr1',
        'least(1e0 / population, 1)', 'cr_least', 1, none),
    ('cr10', 'least(cr10_floor, cr10 - 1.5 * cr10_contested)', 'cr10',
        'least(10e0 / population, 1)', 'cr_least', 1, none),
    ('gini', 'least(1.5 * gini_floor - 0.5 * gini, gini, gini_without_chance)', 'gini',
        0, 0, 1, var('rarity_to_estimate_gini')),
    ('shannon', 'least(equal_orders, own_orders)', 'greatest(equal_orders, own_orders)',
        'ln(population)', 0, 'ln(population_count)', var('rarity_to_estimate_entropy')),
] -%}
{%- set distribution = 'dimension, period_grain, period_start, measure' -%}
with

spectrum as (select * from {{ ref('int_value_spectrum') }}),
index_sums as (select * from {{ ref('int_index_sums') }}),
even_tests as (select * from {{ ref('int_even_tests') }}),

totals as (
    select
        {{ distribution }},
        {% for column, membership in [
            ('total_value', 'member'),
            ('nonpositive_value', 'nonpositive'),
            ('unattributed_value', 'unattributed'),
        ] -%}
        cast(
            sum(case when membership = '{{ membership }}' then group_value else 0 end)
            as {{ money_sum_type() }}
        ) as {{ column }},
        {% endfor -%}
        cast(
            sum(case when membership = 'member' then entity_count else 0 end) as bigint
        ) as entity_count,
        cast(
            sum(case when membership = 'nonpositive' then entity_count else 0 end)
            as bigint
        ) as nonpositive_entity_count
    from spectrum
    group by {{ distribution }}
),

measured as (
    select
        index_sums.*,
        even_tests.population,
        even_tests.population_count,
        even_tests.slot_count,
        even_tests.hhi_expected_if_even,
        even_tests.even_z,
        even_tests.verdict,
        even_tests.verdict_reason
    from index_sums
    left join even_tests
        on {{ same_keys('index_sums', 'even_tests', distribution) }}
),

formulas as (
    select
        *,
        {{ indices_of_sums() }},
        exp(shannon_entropy) as effective_number_shannon,
        {{ pielou_evenness('shannon_entropy', 'active_count') }} as pielou_evenness,
        {{ mld('mean_logarithm') }} as mld,
        {{ ge2('relative_variance') }} as ge2,
        {{ atkinson_05('mean_square_root') }} as atkinson_05,
        {{ atkinson_1('mean_logarithm') }} as atkinson_1,
        {{ hannah_kay_3('mean_cube', 'entity_count') }} as hannah_kay_3,
        {{ hhi_unbiased('pair_surplus', 'transaction_hhi') }} as hhi_unbiased,
        {{ effective_transactions('transaction_hhi') }} as effective_transactions
    from measured
),

centres as (
    select
        *,
        verdict = 'indistinguishable_from_even' as is_even,
        transaction_hhi <= 1e0 / {{ few }} as has_enough,
        coalesce(1e0 / population_count, 0) as hhi_least,
        {{ errors_reached(
            'fourth_power_weight', var('critical_score'), var('tail_allowance')
        ) }} as errors_reached,
        {{ gini_without_chance('gini', 'hhi', 'hhi_unbiased', 'entity_count') }}
            as gini_without_chance,
        {{ entropy_with_equal_orders(
            'shannon_entropy', 'active_count', 'transaction_hhi'
        ) }} as equal_orders,
        {{ entropy_with_own_orders(
            'shannon_entropy', 'own_order_share', 'transaction_hhi'
        ) }} as own_orders
    from formulas
),

-- The largest share is at least the weighted mean share, HHI: if two entities lead
-- together, each would rank below the other without its own order.
bounded as (
    select
        *,
        {{ index_low(
            'hhi_unbiased', 'hhi_se', 'errors_reached', '1e0 / population', 'is_even',
            'hhi_least', 1
        ) }} as cr_least
    from centres
),

intervals as (
    select
        *,
        {% for index, low, high, even, least_value, most_value, rarest in estimates -%}
        {% set width = [
            index ~ '_se', 'errors_reached', even, 'is_even', least_value, most_value
        ] -%}
        {% for end, value in [
            ('low', index_low(low, *width)), ('high', index_high(high, *width))
        ] -%}
        case
            when
                has_enough
                {{ 'and rarity <= ' ~ rarest if rarest }}
                then
                    {{ value }}
        end as {{ index }}_{{ end }},
        {% endfor -%}
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
        end as interval_reason
    from bounded
),

indices as (
    select
        *,
        {%- for column, value in {
            'excess_over_even': 'hhi_unbiased', 'excess_over_even_low': 'hhi_low',
            'excess_over_even_high': 'hhi_high'
        }.items() %}
        {{ excess_over_even(value, 'population') }} as {{ column }},
        {%- endfor %}
        {{ excess_level(
            excess_over_even('hhi_unbiased', 'population'), var('excess_levels')
        ) }} as excess_level
    from intervals
)

select
    totals.*,
    {%- for column in [
        'population_count', 'slot_count', 'effective_transactions',
        'cr1', 'cr4', 'cr5', 'cr10', 'cr20', 'top_1pct_share', 'top_5pct_share',
        'top_10pct_share', 'top_20pct_share', 'entities_to_50pct', 'entities_to_80pct',
        'hhi', 'hhi_normalized', 'effective_number', 'effective_number_shannon',
        'shannon_entropy', 'pielou_evenness', 'gini', 'gini_unbiased', 'hall_tideman',
        'theil_t', 'mld', 'ge2', 'hoover', 'atkinson_05', 'atkinson_1', 'hannah_kay_3',
        'hhi_unbiased', 'hhi_se', 'cr1_se', 'cr10_se', 'gini_se', 'shannon_se',
        'hhi_low', 'hhi_high', 'cr1_low', 'cr1_high', 'cr10_low', 'cr10_high',
        'gini_low', 'gini_high', 'shannon_low', 'shannon_high', 'interval_reason',
        'excess_over_even', 'excess_over_even_low', 'excess_over_even_high',
        'excess_level', 'hhi_expected_if_even', 'even_z',
    ] %}
    indices.{{ column }},
    {%- endfor %}
    coalesce(indices.transaction_count, 0) as transaction_count,
    coalesce(indices.verdict, 'not_measurable') as verdict,
    coalesce(indices.verdict_reason, 'no value above zero') as verdict_reason,
    case
        when
            indices.hhi is null
            and totals.dimension = 'hour'
            and totals.unattributed_value != 0
            then 'no time of day in the export'
        when indices.hhi is null then 'no value above zero'
        when totals.entity_count = 1
            then 'one entity: hhi_normalized and gini_unbiased need two'
        when indices.mld is null then 'empty slots: mld is infinite'
        when indices.hhi_unbiased is null
            then 'one transaction weighs all: hhi_unbiased needs two'
    end as undefined_reason
from totals
left join indices on {{ same_keys('totals', 'indices', distribution) }}
