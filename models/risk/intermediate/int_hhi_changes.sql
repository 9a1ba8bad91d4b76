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

dispersions as (
    select * from {{ ref('int_hhi_dispersions') }}
),

differences as (
    select
        indices.dimension,
        indices.measure,
        comparisons.period_grain,
        comparisons.comparison,
        comparisons.period_start,
        comparisons.compared_start,
        comparisons.is_comparable,
        comparisons.is_latest_complete,
        indices.hhi,
        compared.hhi as compared_hhi,
        indices.hhi - compared.hhi as hhi_change,
        -- A thin month looks concentrated by chance: what is tested is free of that.
        indices.hhi_unbiased - compared.hhi_unbiased as hhi_unbiased_change,
        sqrt(
            coalesce(dispersions.dispersion, 1)
            * ({{ squared('indices.hhi_se') }} + {{ squared('compared.hhi_se') }})
        ) as change_se,
        {% for end in ['low', 'high'] -%}
        case
            when indices.hhi_low is not null and compared.hhi_low is not null
                then
                    {{ hhi_change_end(
                        'indices', 'compared', end,
                        'coalesce(dispersions.dispersion, 1)'
                    ) }}
        end as change_{{ end }},
        {% endfor -%}
        least(indices.effective_transactions, compared.effective_transactions)
            as effective_transactions
    from comparisons
    inner join indices
        on
            comparisons.period_grain = indices.period_grain
            and comparisons.period_start = indices.period_start
    inner join compared
        on
            indices.dimension = compared.dimension
            and indices.measure = compared.measure
            and comparisons.period_grain = compared.period_grain
            and comparisons.compared_start = compared.period_start
    left join dispersions
        on
            indices.dimension = dispersions.dimension
            and indices.measure = dispersions.measure
),

standardised as (
    select
        *,
        hhi_unbiased_change / nullif(change_se, 0) as change_z,
        least(effective_transactions, {{ var('dispersion_degrees_of_freedom') }})
            as degrees_of_freedom
    from differences
),

scored as (
    select
        *,
        case
            when is_comparable and change_z is not null
                then {{ normal_score('change_z', 'degrees_of_freedom') }}
        end as change_score
    from standardised
)

select
    *,
    {{ two_sided_p('change_score') }} as p_value
from scored
