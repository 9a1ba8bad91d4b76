{# Sums that do not depend on the order of their terms. #}

{# A sum of doubles in fixed point: decimals add up to the same digits in any order, on any
   number of threads, on both engines. `scale` is the number of decimals kept: 20 for terms
   up to 1e18, 30 for terms that are parts of 1. #}
{% macro exact_sum(expression, scale=20) -%}
    cast(sum(cast({{ expression }} as decimal(38, {{ scale }}))) as double)
{%- endmacro %}


{# What a spectrum says of each group of equal values of a measure. A count's squared
   amounts are its ones: the count itself. #}
{% macro spectrum_columns(measure) -%}
    '{{ measure }}' as measure,
    entity_id is not null as is_attributed,
    cast({{ measure }} as {{ money_sum_type() }}) as entity_value,
    count(*) as entity_count,
    {%- if measure == 'revenue' %}
    cast(sum(revenue_squared) as double) as group_squared
    {%- else %}
    cast({{ measure }} * count(*) as double) as group_squared
    {%- endif %}
{%- endmacro %}
