{#- Longer than others: one contract of 73 columns, each written once as a formula and
    once as a column. -#}
with

spectrum as (
    select * from {{ ref('int_value_spectrum') }}
),

index_sums as (
    select * from {{ ref('int_index_sums') }}
),

index_intervals as (
    select * from {{ ref('int_index_intervals') }}
),

even_tests as (
    select * from {{ ref('int_even_tests') }}
),

totals as (
    select
        dimension,
        period_grain,
        period_start,
        measure,
        cast(
            sum(case when membership = 'member' then entity_count else 0 end) as bigint
        ) as entity_count,
        cast(
            sum(case when membership = 'nonpositive' then entity_count else 0 end)
            as bigint
        ) as nonpositive_entity_count,
        sum(case when membership = 'member' then group_value else 0 end) as total_value,
        sum(case when membership = 'nonpositive' then group_value else 0 end)
            as nonpositive_value,
        sum(case when membership = 'unattributed' then group_value else 0 end)
            as unattributed_value
    from spectrum
    group by dimension, period_grain, period_start, measure
),

indices as (
    select
        dimension,
        period_grain,
        period_start,
        measure,
        cr1,
        cr4,
        cr5,
        cr10,
        cr20,
        top_1pct_share,
        top_5pct_share,
        top_10pct_share,
        top_20pct_share,
        entities_to_50pct,
        entities_to_80pct,
        {{ hhi_of_sums('relative_variance', 'entity_count') }} as hhi,
        {{ normalized_hhi_of_sums('relative_variance', 'entity_count') }}
            as hhi_normalized,
        {{ effective_number_of_sums('relative_variance', 'entity_count') }}
            as effective_number,
        exp(shannon_entropy) as effective_number_shannon,
        shannon_entropy,
        {{ pielou_evenness('shannon_entropy', 'active_count') }} as pielou_evenness,
        gini,
        {{ gini_unbiased('gini', 'entity_count') }} as gini_unbiased,
        {{ hall_tideman('rank_weighted_share') }} as hall_tideman,
        theil_t,
        {{ mld('mean_logarithm') }} as mld,
        {{ ge2('relative_variance') }} as ge2,
        {{ hoover_of_sums('mean_deviation') }} as hoover,
        {{ atkinson_05('mean_square_root') }} as atkinson_05,
        {{ atkinson_1('mean_logarithm') }} as atkinson_1,
        {{ hannah_kay_3('mean_cube', 'entity_count') }} as hannah_kay_3,
        {{ hhi_unbiased('pair_surplus', 'transaction_hhi') }} as hhi_unbiased,
        hhi_se,
        cr1_se,
        cr10_se,
        gini_se,
        shannon_se,
        transaction_count,
        {{ effective_transactions('transaction_hhi') }} as effective_transactions
    from index_sums
)

select
    totals.dimension,
    totals.period_grain,
    totals.period_start,
    totals.measure,
    totals.entity_count,
    even_tests.population_count,
    even_tests.slot_count,
    coalesce(indices.transaction_count, 0) as transaction_count,
    indices.effective_transactions,
    cast(totals.total_value as {{ money_sum_type() }}) as total_value,
    cast(totals.unattributed_value as {{ money_sum_type() }}) as unattributed_value,
    totals.nonpositive_entity_count,
    cast(totals.nonpositive_value as {{ money_sum_type() }}) as nonpositive_value,
    indices.cr1,
    indices.cr4,
    indices.cr5,
    indices.cr10,
    indices.cr20,
    indices.top_1pct_share,
    indices.top_5pct_share,
    indices.top_10pct_share,
    indices.top_20pct_share,
    indices.entities_to_50pct,
    indices.entities_to_80pct,
    indices.hhi,
    indices.hhi_normalized,
    indices.effective_number,
    indices.effective_number_shannon,
    indices.shannon_entropy,
    indices.pielou_evenness,
    indices.gini,
    indices.gini_unbiased,
    indices.hall_tideman,
    indices.theil_t,
    indices.mld,
    indices.ge2,
    indices.hoover,
    indices.atkinson_05,
    indices.atkinson_1,
    indices.hannah_kay_3,
    indices.hhi_unbiased,
    indices.hhi_se,
    indices.cr1_se,
    indices.cr10_se,
    indices.gini_se,
    indices.shannon_se,
    {% for index in ['hhi', 'cr1', 'cr10', 'gini', 'shannon'] -%}
    index_intervals.{{ index }}_low,
    index_intervals.{{ index }}_high,
    {% endfor -%}
    index_intervals.interval_reason,
    index_intervals.excess_over_even,
    index_intervals.excess_over_even_low,
    index_intervals.excess_over_even_high,
    index_intervals.excess_level,
    even_tests.hhi_expected_if_even,
    even_tests.even_z,
    coalesce(even_tests.verdict, 'not_measurable') as verdict,
    coalesce(even_tests.verdict_reason, 'no value above zero') as verdict_reason,
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
left join indices
    on {{ same_keys(
        'totals', 'indices', 'dimension, period_grain, period_start, measure'
    ) }}
left join index_intervals
    on {{ same_keys(
        'totals', 'index_intervals', 'dimension, period_grain, period_start, measure'
    ) }}
left join even_tests
    on {{ same_keys(
        'totals', 'even_tests', 'dimension, period_grain, period_start, measure'
    ) }}
