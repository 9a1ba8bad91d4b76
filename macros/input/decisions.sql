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


{# The limits or scenarios that apply to this export: those of its mapping or, if it does not even
   have an empty list of them, those shipped. The shipped rows refer to revenue, or to the main
   measure of an export without revenue. #}
{% macro rules(key, shipped) -%}
    {%- set types = {
        'limits': {
            'limit_id': 'string', 'dimension': 'string', 'measure': 'string',
            'indicator': 'string', 'period_grain': 'string', 'direction': 'string',
            'warn_at': 'double', 'breach_at': 'double', 'severity': 'string',
            'in_force_from': 'date', 'in_force_to': 'date', 'source': 'string',
            'owner': 'string', 'action': 'string', 'subject': 'string'
        },
        'scenarios': {
            'scenario_id': 'string', 'dimension': 'string', 'measure': 'string',
            'kind': 'string', 'parameter': 'string', 'lost_share': 'double',
            'description': 'string', 'subject': 'string'
        }
    }[key] -%}
    select * from (
        {{ own_rows(key, types) }}
        {%- if key not in mapping_in_use() %}
        union all
        select
            {%- for name in types %}
            {% if name == 'measure' -%}
            case measure when 'revenue' then '{{ main_measure() }}' else measure end as measure
            {%- elif name == 'subject' -%} {{ cell_of_seed('subject') }} as subject
            {%- else -%} {{ name }}
            {%- endif -%}
            {{ ',' if not loop.last }}
            {%- endfor %}
        from {{ shipped }}
        {#- A rule about revenue, such as a duty to disclose, does not apply to visits. #}
        {%- if key == 'limits' and main_measure() != 'revenue' %}
        where source not like '%revenue%'
        {%- endif %}
        {%- endif %}
    ) as rules
    where {{ is_about_subject('subject') }}
{%- endmacro %}


{# A rule that was written for another subject, such as sales, does not apply. #}
{% macro is_about_subject(subject) -%}
    coalesce({{ subject }}, '') in ('', '{{ mapping_in_use().get('subject') or 'sales' }}')
{%- endmacro %}


{# The place where the rows are defined, for messages. #}
{% macro source_of_rows(key) -%}
    {%- set shipped = {
        'limits': 'seeds/concentration_limits.csv', 'scenarios': 'seeds/stress_scenarios.csv'
    } -%}
    {{ return((mapping_in_use().get(key) or {}).get('source') or shipped[key]) }}
{%- endmacro %}
