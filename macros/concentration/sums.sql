{# Sums that do not depend on the order of their terms. #}

{# A sum of doubles in fixed point: decimals add up to the same digits in any order, on any
   number of threads, on both engines. `scale` is the number of decimals kept: 20 for terms
   up to 1e18, 30 for terms that are parts of 1. #}
{% macro exact_sum(expression, scale=20) -%}
    cast(sum(cast({{ expression }} as decimal(38, {{ scale }}))) as double)
{%- endmacro %}


{# The four expressions that let one pass of grouping sets treat three measures alike. #}
{% macro grouped_measure() -%}
    case
        {%- for measure in measures() %}
        when grouping({{ measure }}) = 0 then '{{ measure }}'
        {%- endfor %}
    end
{%- endmacro %}

{% macro grouped_value() -%}
    coalesce(
        {%- for measure in measures() %}
        cast({{ measure }} as {{ money_sum_type() }}){{ ',' if not loop.last }}
        {%- endfor %}
    )
{%- endmacro %}

{% macro grouped_sum() -%}
    case
        {%- for measure in measures() %}
        when grouping({{ measure }}) = 0 then sum(cast({{ measure }} as {{ money_sum_type() }}))
        {%- endfor %}
    end
{%- endmacro %}

{# A count's squared amounts are its ones: the count itself. #}
{% macro grouped_squares() -%}
    case
        {%- for measure in measures() %}
        when grouping({{ measure }}) = 0
            then cast(sum({{ 'revenue_squared' if measure == 'revenue' else measure }}) as double)
        {%- endfor %}
    end
{%- endmacro %}


{# What a spectrum counts of each group of equal values, and the sets that it groups by. #}
{% macro spectrum_columns() -%}
    {{ grouped_measure() }} as measure,
    entity_id is not null as is_attributed,
    {{ grouped_value() }} as entity_value,
    count(*) as entity_count,
    {{ grouped_sum() }} as group_value,
    {{ grouped_squares() }} as group_squared
{%- endmacro %}

{% macro spectrum_sets(keys) -%}
    {%- for measure in measures() %}
        ({{ keys }}, entity_id is not null, {{ measure }}){{ ',' if not loop.last }}
    {%- endfor %}
{%- endmacro %}
