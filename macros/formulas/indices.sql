{# The indices, each written once, from the sums of spectrum.sql. Sources, bounds and edge rules are
   in _indices.yml. #}

{% macro hhi_of_sums(relative_variance, entity_count) -%}
    least((1 + {{ relative_variance }}) / {{ entity_count }}, 1.0)
{%- endmacro %}

{% macro normalized_hhi_of_sums(relative_variance, entity_count) -%}
    {{ relative_variance }} / nullif({{ entity_count }} - 1, 0)
{%- endmacro %}

{# HHI rescaled from 1/n..1 to 0..1. #}
{% macro normalized_hhi(hhi, entity_count) -%}
    (({{ hhi }}) * {{ entity_count }} - 1) / nullif({{ entity_count }} - 1, 0)
{%- endmacro %}

{# The HHI of n entities that has a normalised HHI. #}
{% macro hhi_from_normalized(normalized, entity_count) -%}
    {{ normalized }} + (1 - {{ normalized }}) / {{ entity_count }}
{%- endmacro %}

{% macro effective_number_of_sums(relative_variance, entity_count) -%}
    greatest({{ entity_count }} / (1 + {{ relative_variance }}), 1.0)
{%- endmacro %}

{% macro pielou_evenness(shannon_entropy, active_count) -%}
    case
        when {{ active_count }} = 1 then 1.0
        else {{ shannon_entropy }} / nullif(ln({{ active_count }}), 0)
    end
{%- endmacro %}

{% macro gini_unbiased(gini, entity_count) -%}
    {{ gini }} * {{ entity_count }} / nullif({{ entity_count }} - 1, 0)
{%- endmacro %}

{% macro hall_tideman(rank_weighted_share) -%}
    1 / {{ rank_weighted_share }}
{%- endmacro %}

{# It is subtracted because the negative of zero is written -0. #}
{% macro mld(mean_logarithm) -%}
    0 - {{ mean_logarithm }}
{%- endmacro %}

{% macro ge2(relative_variance) -%}
    {{ relative_variance }} / 2
{%- endmacro %}

{% macro hoover_of_sums(mean_deviation) -%}
    {{ mean_deviation }} / 2
{%- endmacro %}

{% macro atkinson_05(mean_square_root) -%}
    1 - {{ topheavy.squared(mean_square_root) }}
{%- endmacro %}

{# 1 - exp(-x) as 2 t / (1 + t) with t = tanh(x / 2), which keeps its digits if x is near zero. An
   entity with a value of zero makes the geometric mean zero and the index one. #}
{% macro atkinson_1(mean_logarithm) -%}
    {%- set t = 'tanh((' ~ topheavy.mld(mean_logarithm) ~ ') / 2)' -%}
    coalesce(2 * {{ t }} / (1 + {{ t }}), 1)
{%- endmacro %}

{% macro hannah_kay_3(mean_cube, entity_count) -%}
    sqrt({{ mean_cube }}) / {{ entity_count }}
{%- endmacro %}

{# The chance that two different transactions, drawn by amount, belong to the same entity. It is
   undefined if returns leave less than the single amounts (W is then above 1), and if one
   transaction is all but a millionth of the total: 1 - W then consists of the last digits of
   doubles. #}
{% macro hhi_unbiased(pair_surplus, transaction_hhi) -%}
    case
        when {{ transaction_hhi }} < 1 - 1e-6
            then least(greatest({{ pair_surplus }} / (1 - {{ transaction_hhi }}), 0), 1)
    end
{%- endmacro %}

{# 1 / W: the number of equal-sized transactions that would carry as much information. NULL if
   returns leave less than the single amounts. #}
{% macro effective_transactions(transaction_hhi) -%}
    case
        when {{ transaction_hhi }} <= 1 + 1e-12 then greatest(1 / {{ transaction_hhi }}, 1.0)
    end
{%- endmacro %}

{# HHI minus the HHI of K equal entities, rescaled to 0 to 1: the normalised HHI of the business. #}
{% macro excess_over_even(hhi, population) -%}
    case
        when {{ hhi }} is not null
            then greatest({{ hhi }} * {{ population }} - 1, 0) / nullif({{ population }} - 1, 0)
    end
{%- endmacro %}

{# The level of that excess; `levels` gives the smallest excess of each. #}
{% macro excess_level(excess, levels) -%}
    case
        {%- for level in ['large', 'moderate', 'small'] %}
        when {{ excess }} >= {{ levels[level] }} then '{{ level }}'
        {%- endfor %}
        when {{ excess }} is not null then 'negligible'
    end
{%- endmacro %}
