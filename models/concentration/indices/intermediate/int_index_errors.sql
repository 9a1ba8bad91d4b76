with

spectrum as (
    select * from {{ ref('int_value_spectrum') }}
),

index_sums as (
    select
        dimension,
        period_grain,
        period_start,
        measure,
        {{ hhi_of_sums() }} as hhi,
        cr1,
        cr10,
        gini,
        theil_t
    from {{ ref('int_index_sums') }}
),

-- Each member's weight is the variance that its transactions carry (delta method).
members as (
    select
        spectrum.*,
        {{ variance_weight() }} as variance_weight,
        {{ relative_value() }} as relative_value,
        {{ share_of('entity_value', 'total_value') }} as value_share,
        index_sums.hhi,
        index_sums.cr1,
        index_sums.cr10,
        index_sums.gini,
        index_sums.theil_t
    from spectrum
    inner join
        index_sums
        on {{ same_keys(
            'spectrum', 'index_sums', 'dimension, period_grain, period_start, measure'
        ) }}
    where spectrum.membership = 'member'
),

errors as (
    select
        dimension,
        period_grain,
        period_start,
        measure,
        {{ hhi_se() }} as hhi_se,
        {{ concentration_ratio_se(1) }} as cr1_se,
        {{ concentration_ratio_se(10) }} as cr10_se,
        {{ gini_se() }} as gini_se,
        {{ shannon_se() }} as shannon_se
    from members
    group by dimension, period_grain, period_start, measure
)

select * from errors
