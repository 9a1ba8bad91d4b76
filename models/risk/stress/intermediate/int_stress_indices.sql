{%- set try = 'scenario_id, dimension, measure, period_grain, is_own_dimension' -%}
with

spectrum as (
    select
        *,
        {{ relative_value() }} as relative_value
    from {{ ref('int_stress_spectrum') }}
),

sums as (
    select
        {{ try }},
        max(member_count) as entity_count,
        {% for k in [1, 4, 5, 10, 20] -%}
        {{ concentration_ratio(k) }} as cr{{ k }},
        {% endfor -%}
        {% for percent in [1, 5, 10, 20] -%}
        {{ concentration_ratio(top_percent_count(percent)) }}
            as top_{{ percent }}pct_share,
        {% endfor -%}
        {{ relative_variance() }} as relative_variance,
        {{ shannon_entropy() }} as shannon_entropy,
        {{ gini_of_spectrum() }} as gini,
        {{ rank_weighted_share() }} as rank_weighted_share,
        {{ theil_t() }} as theil_t,
        {{ mean_deviation() }} as mean_deviation
    from spectrum
    group by {{ try }}
)

select
    *,
    {{ hhi_of_sums() }} as hhi,
    {{ normalized_hhi_of_sums() }} as hhi_normalized,
    {{ effective_number_of_sums() }} as effective_number,
    {{ gini_unbiased() }} as gini_unbiased,
    {{ hall_tideman() }} as hall_tideman,
    {{ hoover_of_sums() }} as hoover
from sums
