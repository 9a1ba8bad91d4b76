with

index_sums as (
    select * from {{ ref('int_index_sums') }}
),

populations as (
    select * from {{ ref('int_populations') }}
),

-- Where nobody knows the population, those seen stand for it once each has so many
-- transactions that few can have been missed.
measured as (
    select
        index_sums.dimension,
        index_sums.period_grain,
        index_sums.period_start,
        index_sums.measure,
        index_sums.entity_count,
        -- Who was seen exists, in the master file or not.
        case
            when populations.population_count is not null
                then
                    cast(
                        greatest(
                            populations.population_count, index_sums.entity_count
                        ) as bigint
                    )
        end as population_count,
        {{ hhi() }} as hhi,
        -- Of a single transaction both are 1, but for a last digit. Where the first is
        -- more, returns have undone more than chance can spread.
        case
            when index_sums.transaction_weight <= 1 + 1e-12
                then least(index_sums.transaction_weight, 1)
        end as transaction_weight,
        index_sums.fourth_power_weight,
        populations.is_exhaustive,
        populations.slot_count,
        coalesce(populations.is_covered, true) as is_covered,
        index_sums.entity_count * index_sums.transaction_weight
        <= 1e0 / {{ var('transactions_per_entity_to_judge') }} as is_seen_often
    from index_sums
    left join populations
        on
            index_sums.dimension = populations.dimension
            and index_sums.period_grain = populations.period_grain
            and index_sums.period_start = populations.period_start
),

bounded as (
    select
        *,
        coalesce(population_count, case when is_seen_often then entity_count end)
            as population
    from measured
),

expected as (
    select
        *,
        {{ hhi_expected_if_even() }} as hhi_expected_if_even,
        {{ hhi_sd_if_even() }} as hhi_sd_if_even,
        {{ even_pairs() }} as even_pairs,
        nullif({{ even_degrees_of_freedom() }}, 0) as degrees_of_freedom
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
        {{ even_score() }} as even_score
    from standardised
),

-- With more entities than are known less is to be expected: a value above what these
-- give is above that too, one below it need not be.
judged as (
    select
        *,
        population is null
        or even_score < -{{ var('critical_score') }}
        and not (is_exhaustive or is_seen_often) as is_population_unknown
    from scored
)

select
    dimension,
    period_grain,
    period_start,
    measure,
    case
        when not is_covered then 'not_measurable'
        when is_population_unknown or even_score is null then 'not_measurable'
        when even_pairs < {{ var('pairs_to_judge') }} then 'not_measurable'
        when even_score > {{ var('critical_score') }} then 'concentrated'
        when even_score < -{{ var('critical_score') }} then 'more_even_than_chance'
        else 'indistinguishable_from_even'
    end as verdict,
    case
        when not is_covered
            then
                'the data cover a year in part: what it lacks is no concentration'
        when is_population_unknown
            then
                case
                    when population is null
                        then 'nobody knows how many entities there are'
                    else 'more entities were seen than the file has'
                end
                || ', and few transactions each'
        when population = 1 then 'only one entity is possible'
        when even_score is null or even_pairs < {{ var('pairs_to_judge') }}
            then 'too few transactions to tell concentration from chance'
        when even_score > {{ var('critical_score') }}
            then 'more concentrated than equal chances for all entities would give'
        when even_score < -{{ var('critical_score') }}
            then
                'more even than chance allows: the extract looks deduplicated '
                || 'or sampled per entity, so its concentration says nothing '
                || 'about the business'
        else 'what equal chances for all entities would give'
    end as verdict_reason,
    population_count,
    slot_count,
    hhi_expected_if_even,
    even_z,
    even_score
from judged
