{# What the formulas share. Every macro of this folder is a pure expression: it uses only its
   arguments, each a column or an SQL expression in brackets, and no variable or mapping, so any
   project can call it. The formulas call each other by the package's name, because in another
   project's SQL dbt looks for a plain name among that project's macros. #}

{# A square as a product: power functions may differ in the last digit, and each engine has its own.
   #}
{% macro squared(expression) -%}
    (({{ expression }}) * ({{ expression }}))
{%- endmacro %}


{# A double, because no decimal is wide enough. #}
{% macro fourth_power(amount) -%}
    {{ topheavy.squared(topheavy.squared('cast(' ~ amount ~ ' as double)')) }}
{%- endmacro %}


{# A part of a whole as a double; NULL if the whole is zero. #}
{% macro share_of(part, whole) -%}
    cast({{ part }} as double) / nullif(cast({{ whole }} as double), 0)
{%- endmacro %}


{# The amount of a month, a quarter or a year as an amount per year. #}
{% macro per_year(value, period_grain) -%}
    {{ value }} * case {{ period_grain }} when 'month' then 12 when 'quarter' then 4 else 1 end
{%- endmacro %}
