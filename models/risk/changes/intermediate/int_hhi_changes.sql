with

comparisons as (
    select * from {{ ref('int_period_comparisons') }}
),

indices as (
    select * from {{ ref('concentration_indices') }}
),

compared as (
    select * from indices
),

complete_months as (
    select * from {{ ref('int_period_coverage') }}
    where period_grain = 'month' and is_complete
),

bends as (
    select
        indices.dimension,
        indices.measure,
        {{ squared_bend('indices.hhi_unbiased', squared('indices.hhi_se'), 'along') }}
            as squared_bend
    from indices
    inner join complete_months
        on {{ same_keys('indices', 'complete_months', 'period_grain, period_start') }}
    window along as (
        partition by indices.dimension, indices.measure
        order by indices.period_start
    )
),

dispersions as (
    select
        dimension,
        measure,
        {{ dispersion('squared_bend') }} as dispersion
    from bends
    group by dimension, measure
)

select
    indices.dimension,
    indices.measure,
    comparisons.period_grain,
    comparisons.comparison,
    comparisons.is_comparable,
    indices.hhi,
    compared.hhi as compared_hhi,
    indices.hhi - compared.hhi as hhi_change,
    -- A thin month looks concentrated by chance: what is tested is free of that.
    indices.hhi_unbiased - compared.hhi_unbiased as hhi_unbiased_change,
    {% for end in ['low', 'high'] -%}
    case
        when indices.hhi_low is not null and compared.hhi_low is not null
            then {{ hhi_change_end(
                'indices', 'compared', end, 'coalesce(dispersions.dispersion, 1)'
            ) }}
    end as change_{{ end }},
    {% endfor -%}
    sqrt(
        coalesce(dispersions.dispersion, 1)
        * ({{ squared('indices.hhi_se') }} + {{ squared('compared.hhi_se') }})
    ) as change_se,
    coalesce(dispersions.dispersion, 1) as dispersion,
    least(indices.effective_transactions, compared.effective_transactions)
        as effective_transactions,
    comparisons.period_start,
    comparisons.compared_start
from comparisons
inner join indices
    on {{ same_keys('comparisons', 'indices', 'period_grain, period_start') }}
inner join compared
    on
        {{ same_keys('indices', 'compared', 'dimension, measure, period_grain') }}
        and comparisons.compared_start = compared.period_start
left join dispersions
    on {{ same_keys('indices', 'dispersions', 'dimension, measure') }}
