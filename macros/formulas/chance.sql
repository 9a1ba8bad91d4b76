{# What chance alone would give. Sources, bounds and edge rules are in _chance.yml. #}


{# --- HHI under equal chances ------------------------------------------------------ #}

{# E[HHI] if each transaction fell on one of K equally likely entities. #}
{% macro hhi_expected_if_even(population, transaction_hhi) -%}
    1e0 / {{ population }} + (1 - 1e0 / {{ population }}) * {{ transaction_hhi }}
{%- endmacro %}

{# Its standard deviation; fourth_power_weight is sum(w^4) / W^2 over the transactions. #}
{% macro hhi_sd_if_even(population, transaction_hhi, fourth_power_weight) -%}
    {{ transaction_hhi }}
    * sqrt(2e0 / {{ population }} * (1 - 1e0 / {{ population }}) * (1 - {{ fourth_power_weight }}))
{%- endmacro %}

{# Half the pairs of effective transactions that would fall on the same entity. With few of them,
   HHI under chance is as skewed as a Poisson count; with few entities, it is as skewed as a
   chi-square. The smaller of the two numbers of degrees of freedom describes it. #}
{% macro even_pairs(population, transaction_hhi) -%}
    1 / (2e0 * {{ population }} * {{ topheavy.squared(transaction_hhi) }})
{%- endmacro %}

{% macro even_degrees_of_freedom(population, even_pairs) -%}
    least({{ population }} - 1, 8 * ({{ even_pairs }}))
{%- endmacro %}

{# Wilson and Hilferty: the cube root of a chi-square is nearly normal. greatest() ignores NULL. #}
{% macro even_score(even_z, degrees_of_freedom) -%}
    case
        when {{ even_z }} is not null
            then (
                cbrt(greatest(1 + {{ even_z }} * sqrt(2e0 / {{ degrees_of_freedom }}), 0))
                - (1 - 2e0 / (9 * {{ degrees_of_freedom }}))
            ) / sqrt(2e0 / (9 * {{ degrees_of_freedom }}))
    end
{%- endmacro %}


{# --- scores ----------------------------------------------------------------------- #}

{# A t-distributed score as a normal one (Wallace 1959): with few effective transactions behind a
   standard error, large scores are more common than under the normal distribution. #}
{% macro normal_score(score, degrees_of_freedom) -%}
    sqrt(
        {{ degrees_of_freedom }}
        * ln(1 + {{ topheavy.squared(score) }} / {{ degrees_of_freedom }})
    )
    * (8 * {{ degrees_of_freedom }} + 1) / (8 * {{ degrees_of_freedom }} + 3)
{%- endmacro %}

{# The chance of a normal score at least as far from 0, erfc(|z| / sqrt(2)), by the Chebyshev fit of
   Numerical Recipes (2nd edition, erfcc): its relative error is below 1.2e-7 for every score. #}
{% macro two_sided_p(score) -%}
    {%- set t = '(1 / (1 + abs(' ~ score ~ ') / sqrt(8e0)))' -%}
    {%- set polynomial = namespace(terms='0.17087277e0') -%}
    {%- for coefficient in [
        '-0.82215223e0', '1.48851587e0', '-1.13520398e0', '0.27886807e0', '-0.18628806e0',
        '0.09678418e0', '0.37409196e0', '1.00002368e0', '-1.26551223e0'
    ] -%}
    {%- set polynomial.terms = '(' ~ coefficient ~ ' + ' ~ t ~ ' * ' ~ polynomial.terms ~ ')' -%}
    {%- endfor -%}
    {{ t }} * exp({{ polynomial.terms }} - {{ topheavy.squared(score) }} / 2)
{%- endmacro %}


{# --- how much a series varies ----------------------------------------------------- #}

{# The squared distance of a month from the middle of its neighbours, divided by its variance. It
   averages 1 if orders are independent, whatever the trend or slow season. `along` is a window over
   the months. #}
{% macro squared_bend(value, variance, along) -%}
    {{ topheavy.squared(
        value ~ ' - 2 * lag(' ~ value ~ ', 1) over ' ~ along
        ~ ' + lag(' ~ value ~ ', 2) over ' ~ along
    ) }} / nullif(
        {{ variance }} + 4 * lag({{ variance }}, 1) over {{ along }}
        + lag({{ variance }}, 2) over {{ along }}, 0
    )
{%- endmacro %}

{# Their third quartile divided by that of a squared normal score, 1.3233: the index of dispersion,
   at least that of independent orders, 1. Up to a quarter of the months may stand out, such as
   December or a real change, without affecting it. #}
{% macro dispersion(squared_bend, fewest_bends) -%}
    case
        when count({{ squared_bend }}) < {{ fewest_bends }} then 1
        else greatest({{ topheavy.quantile(squared_bend, 0.75) }} / 1.3233, 1)
    end
{%- endmacro %}


{# --- directions on the circle ----------------------------------------------------- #}

{# Rayleigh's test of no preferred direction, for n transactions with resultant length R. #}
{% macro rayleigh_z(n, resultant_length) -%}
    {{ n }} * {{ topheavy.squared(resultant_length) }}
{%- endmacro %}

{# Zar's approximation (Biostatistical Analysis, eq. 27.4), exp(root - (1 + 2 n)) with root = sqrt(1
   + 4 n + 4 n^2 (1 - R^2)). The two terms nearly cancel, so their difference is computed as the
   difference of their squares divided by their sum. #}
{% macro rayleigh_p(n, resultant_length) -%}
    {%- set length = '(' ~ n ~ ' * ' ~ resultant_length ~ ')' -%}
    exp(-4 * {{ topheavy.squared(length) }} / (
        1 + 2 * {{ n }} + sqrt(
            1 + 4 * {{ n }} + 4 * ({{ topheavy.squared(n) }} - {{ topheavy.squared(length) }})
        )
    ))
{%- endmacro %}
