{#- Every value of `columns` lies between `at_least` and `at_most`, both included; NULL
   passes. `keys` are returned with the values that are out of range, to identify the
   row. -#}
{% test accepted_range(model, columns, keys, at_least=none, at_most=none) %}

{%- set breaks = [] -%}
{%- for column in columns -%}
    {%- if at_least is not none -%}
        {%- do breaks.append(column ~ ' < ' ~ at_least) -%}
    {%- endif -%}
    {%- if at_most is not none -%}
        {%- do breaks.append(column ~ ' > ' ~ at_most) -%}
    {%- endif -%}
{%- endfor %}

select {{ (keys + columns) | join(', ') }}
from {{ model }}
where {{ breaks | join('\n    or ') }}

{% endtest %}
