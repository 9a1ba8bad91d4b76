{# Limits and scenarios that a mapping defines, instead of those shipped in seeds/. #}

{# The rows that a mapping has under a key, as a query with these columns and types; no rows without
   such a key. #}
{% macro own_rows(key, types) -%}
    {%- set queries = [] -%}
    {%- for row in (mapping_in_use().get(key) or {}).get('rows') or [] -%}
        {%- set columns = [] -%}
        {%- for name, type in types.items() -%}
            {%- set text = text_literal(row[name]) if row[name] else 'null' -%}
            {%- do columns.append('cast(' ~ text ~ ' as ' ~ type ~ ') as ' ~ name) -%}
        {%- endfor -%}
        {%- do queries.append('select ' ~ columns | join(', ')) -%}
    {%- endfor -%}
    {%- if not queries -%}
        {%- set columns = [] -%}
        {%- for name, type in types.items() -%}
            {%- do columns.append('cast(null as ' ~ type ~ ') as ' ~ name) -%}
        {%- endfor -%}
        {%- do queries.append(
            'select ' ~ columns | join(', ') ~ ' from (select 1 as one) as nothing where one = 0'
        ) -%}
    {%- endif -%}
    {{ return(queries | join(' union all ')) }}
{%- endmacro %}


{# Whether the shipped rows count: they do unless the mapping has the key, even with an empty list.
   #}
{% macro uses_shipped(key) -%}
    {{ return('1 = 0' if key in mapping_in_use() else '1 = 1') }}
{%- endmacro %}


{# The place where the rows are defined, for messages. #}
{% macro source_of_rows(key) -%}
    {%- set shipped = {
        'limits': 'seeds/concentration_limits.csv', 'scenarios': 'seeds/stress_scenarios.csv'
    } -%}
    {{ return((mapping_in_use().get(key) or {}).get('source') or shipped[key]) }}
{%- endmacro %}
