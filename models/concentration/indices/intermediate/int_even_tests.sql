{#- Longer than others: a verdict takes several steps, each from the columns of the one
    before. -#}
{%- set distribution = 'dimension, period_grain, period_start, measure' -%}
with

index_sums as (
    select
        *,
        max(entity_count) over (partition by dimension) as most_entities
    from {{ ref('int_index_sums') }}
),

populations as (select * from {{ ref('int_populations') }}),

measured as (
    select
        index_sums.dimension,
        index_sums.period_grain,
        index_sums.period_start,
        index_sums.measure,
        index_sums.entity_count,
        -- Every entity that was seen exists, whether or not it is in the master file.
        case
            when populations.population_count is not null
                then
                    cast(
                        greatest(
                            populations.population_count, index_sums.entity_count
                        ) as bigint
                    )
        end as population_count,
        {{ hhi_of_sums('relative_variance', 'entity_count') }} as hhi,
        {{ hhi_unbiased('pair_surplus', 'transaction_hhi') }} as hhi_unbiased,
        index_sums.hhi_se,
        1 / index_sums.transaction_hhi as effective_transactions,
        -- For a single transaction, both are 1 except for the last digit. If the first
        -- is larger, returns have cancelled more than chance can spread.
        case
            when index_sums.transaction_hhi <= 1 + 1e-12
                then least(index_sums.transaction_hhi, 1)
        end as transaction_hhi,
        index_sums.fourth_power_weight,
        populations.slot_count is not null
        or populations.population_count >= index_sums.most_entities as is_exhaustive,
        populations.slot_count,
        coalesce(populations.is_covered, true) as is_covered,
        index_sums.entity_count * index_sums.transaction_hhi
        <= 1e0 / {{ var('transactions_per_entity_to_judge') }} as is_seen_often
    from index_sums
    left join populations
        on {{ same_keys(
            'index_sums', 'populations', 'dimension, period_grain, period_start'
        ) }}
),

-- If the population is unknown, the number of entities seen is the smallest possible.
bounded as (
    select
        *,
        coalesce(population_count, entity_count) as population
    from measured
),

expected as (
    select
        *,
        {{ hhi_expected_if_even('population', 'transaction_hhi') }}
            as hhi_expected_if_even,
        {{ hhi_sd_if_even('population', 'transaction_hhi', 'fourth_power_weight') }}
            as hhi_sd_if_even,
        {{ even_pairs('population', 'transaction_hhi') }} as even_pairs,
        nullif(
            {{ even_degrees_of_freedom(
                'population', even_pairs('population', 'transaction_hhi')
            ) }}, 0
        ) as degrees_of_freedom
    from bounded
),

standardised as (
    select
        *,
        (hhi - hhi_expected_if_even) / nullif(hhi_sd_if_even, 0) as even_z
    from expected
),

scored as (
    select
        *,
        {{ even_score('even_z', 'degrees_of_freedom') }} as even_score
    from standardised
),

-- With more entities than are known, the expected value is lower: a value above the
-- present expectation is then above it too, but a value below it need not be below.
-- Once each entity has many transactions, few can have been missed. A value whose
-- interval reaches down to that of equal entities is not above it.
judged as (
    select
        *,
        even_score > {{ var('critical_score') }}
        and not coalesce(
            effective_transactions >= {{ var('transactions_to_estimate') }}
            and hhi_unbiased - {{ errors_reached(
                'fourth_power_weight', var('critical_score'), var('tail_allowance')
            ) }} * hhi_se <= 1e0 / population,
            false
        ) as is_above,
        even_score < -{{ var('critical_score') }} as is_below,
        coalesce(is_exhaustive, false) or is_seen_often as is_population_known,
        ceil(sqrt(2e0 * {{ var('pairs_to_judge') }} * population))
            as needed_transactions,
        entity_count * {{ var('transactions_per_entity_to_judge') }}
            as sufficient_transactions
    from scored
),

named as (
    select
        *,
        case
            when not is_covered then 'partly_covered'
            when population = 1 and population_count is null then 'one_seen'
            when population = 1 then 'one_possible'
            when even_score is null or even_pairs < {{ var('pairs_to_judge') }}
                then 'too_few'
            when is_above and population_count is null and not is_seen_often
                then 'above_those_seen'
            when is_above then 'above'
            when is_population_known and is_below then 'below'
            when is_population_known then 'even'
            -- More entities were seen than the file has; that is enough evidence for
            -- evenness.
            when population_count is not null and not is_below then 'even'
            else 'unknown'
        end as outcome
    from judged
)

select
    {{ distribution }},
    {{ verdict_of_outcome() }} as verdict,
    {{ verdict_reason() }} as verdict_reason,
    population,
    population_count,
    slot_count,
    hhi_expected_if_even,
    even_z,
    even_score
from named
