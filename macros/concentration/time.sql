{# When something happened, and whether there is a peak. #}

{% macro month_of(stamp) -%}
    cast(date_trunc('month', {{ stamp }}) as date)
{%- endmacro %}


{# Rayleigh's test of no preferred direction, for n transactions with resultant length R. #}

{% macro rayleigh_z(n, resultant_length) -%}
    {{ n }} * power({{ resultant_length }}, 2)
{%- endmacro %}

{# Zar's approximation (Biostatistical Analysis, eq. 27.4). #}
{% macro rayleigh_p(n, resultant_length) -%}
    exp(
        sqrt(1 + 4 * {{ n }} + 4 * power({{ n }}, 2) * (1 - power({{ resultant_length }}, 2)))
        - (1 + 2 * {{ n }})
    )
{%- endmacro %}
