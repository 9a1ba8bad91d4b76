{# When something happened, and whether there is a peak. #}

{# The month in which a row counts. Rows without a date have a separate month that no calendar
   contains: it is part of the whole data, but of no year, quarter or month. #}
{% macro month_of(stamp) -%}
    {%- if keeps_undated() -%}
        coalesce(cast(date_trunc('month', {{ stamp }}) as date), {{ undated_month() }})
    {%- else -%}
        cast(date_trunc('month', {{ stamp }}) as date)
    {%- endif -%}
{%- endmacro %}


{% macro undated_month() -%}
    {{ return("date '1600-01-01'") }}
{%- endmacro %}


{# Rayleigh's test of no preferred direction, for n transactions with resultant length R. #}

{% macro rayleigh_z(n, resultant_length) -%}
    {{ n }} * {{ squared(resultant_length) }}
{%- endmacro %}

{# Zar's approximation (Biostatistical Analysis, eq. 27.4), exp(root - (1 + 2 n)) with root = sqrt(1
   + 4 n + 4 n^2 (1 - R^2)). The two terms nearly cancel, so their difference is computed as the
   difference of their squares divided by their sum. #}
{% macro rayleigh_p(n, resultant_length) -%}
    {%- set length = '(' ~ n ~ ' * ' ~ resultant_length ~ ')' -%}
    exp(-4 * {{ squared(length) }} / (
        1 + 2 * {{ n }} + sqrt(1 + 4 * {{ n }} + 4 * ({{ squared(n) }} - {{ squared(length) }}))
    ))
{%- endmacro %}
