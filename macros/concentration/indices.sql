{# The columns that the indices of the whole and those of a what-if have in common. #}

{# The sums over a spectrum that both are computed from, grouped by distribution. #}
{% macro spectrum_sums() -%}
    {%- set largest = [
        'entity_value', 'entity_count', 'group_value', 'entities_above', 'total_value'
    ] -%}
    {%- set terms = ['relative_value', 'entity_count', 'member_count'] -%}
    {%- for k in [1, 4, 5, 10, 20] %}
    {{ concentration_ratio(*largest, k=k) }} as cr{{ k }},
    {%- endfor %}
    {%- for percent in [1, 5, 10, 20] %}
    {{ concentration_ratio(*largest, k=top_percent_count('member_count', percent)) }}
        as top_{{ percent }}pct_share,
    {%- endfor %}
    {{ relative_variance(*terms) }} as relative_variance,
    {{ shannon_entropy(*terms) }} as shannon_entropy,
    {{ gini_of_spectrum(*terms, entities_above='entities_above') }} as gini,
    {{ rank_weighted_share(*terms, entities_above='entities_above') }} as rank_weighted_share,
    {{ theil_t(*terms) }} as theil_t,
    {{ mean_deviation(*terms) }} as mean_deviation
{%- endmacro %}


{# The indices that follow from them. #}
{% macro indices_of_sums() -%}
    {{ hhi_of_sums('relative_variance', 'entity_count') }} as hhi,
    {{ normalized_hhi_of_sums('relative_variance', 'entity_count') }} as hhi_normalized,
    {{ effective_number_of_sums('relative_variance', 'entity_count') }} as effective_number,
    {{ gini_unbiased('gini', 'entity_count') }} as gini_unbiased,
    {{ hall_tideman('rank_weighted_share') }} as hall_tideman,
    {{ hoover_of_sums('mean_deviation') }} as hoover
{%- endmacro %}
