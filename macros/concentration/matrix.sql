{# The pairs of dimensions that concentration_matrix crosses. #}

{# Those of var `matrix_pairs` that this export feeds. #}
{% macro matrix_pairs() -%}
    {%- set fed = all_dimensions() | map(attribute='name') | list -%}
    {%- set found = [] -%}
    {%- for pair in var('matrix_pairs') if pair.row in fed and pair.column in fed -%}
        {%- do found.append(pair) -%}
    {%- endfor -%}
    {{ return(found) }}
{%- endmacro %}


{# The dimensions of those pairs, once each. #}
{% macro matrix_dimensions() -%}
    {%- set found = [] -%}
    {%- for pair in matrix_pairs() -%}
        {%- do found.append(pair.row) -%}
        {%- do found.append(pair.column) -%}
    {%- endfor -%}
    {{ return(found | unique | list) }}
{%- endmacro %}


{# The value of a dimension on a row of interaction_facts, joined with customers and products. For
   the dimensions of the calendar, it is a key that is cheap to group by; dimension_text() names it.
   #}
{% macro row_dimension_key(name) -%}
    {%- set dimension = all_dimensions() | selectattr('name', 'equalto', name) | first -%}
    {%- set day = 'cast(interaction_facts.interacted_at as date)' -%}
    {%- set calendar = {
        'year': "cast(date_trunc('year', " ~ day ~ ') as date)',
        'month': "cast(date_trunc('month', " ~ day ~ ') as date)',
        'date': day,
        'weekday': iso_weekday('interaction_facts.interacted_at'),
        'hour': 'case when interaction_facts.has_time_of_day '
            ~ 'then hour(interaction_facts.interacted_at) end'
    } -%}
    {%- if dimension.from == 'calendar' -%} {{ calendar[name] }}
    {%- elif name in ('customer', 'product') -%} {{ name }}s.{{ name }}_id
    {%- elif dimension.from == 'interactions' -%} interaction_facts.{{ name }}
    {%- else -%} {{ dimension.from }}.{{ name }}
    {%- endif -%}
{%- endmacro %}


{# The entity that a key of row_dimension_key() represents. #}
{% macro dimension_text(name, key) -%}
    {%- set texts = {
        'year': 'substr(cast(' ~ key ~ ' as string), 1, 4)',
        'month': 'substr(cast(' ~ key ~ ' as string), 1, 7)',
        'date': 'cast(' ~ key ~ ' as string)',
        'weekday': weekday_name(key),
        'hour': 'lpad(cast(' ~ key ~ " as string), 2, '0')"
    } -%}
    {{ texts.get(name, key) }}
{%- endmacro %}
