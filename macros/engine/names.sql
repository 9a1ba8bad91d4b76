{# Schemas are used exactly as configured: BI tools look for `main`, not `main_main`. A project that
   installed this one follows its own rule for names, or dbt's: `analytics` and, for internal
   tables, `analytics_intermediate`. If it puts all of this into a schema of its choice, internal
   tables stay separate. #}
{% macro generate_schema_name(custom_schema_name, node) -%}
    {%- if is_installed() -%}
        {%- set theirs = context.get(project_name, {}).get('generate_schema_name') -%}
        {%- set rooms = ['staging', 'intermediate'] | select('in', node.fqn) | list -%}
        {%- set is_apart = node.resource_type == 'model' and rooms
            and custom_schema_name not in rooms -%}
        {%- set custom = custom_schema_name ~ '_' ~ rooms[0] if is_apart else custom_schema_name -%}
        {{ return((theirs or default__generate_schema_name)(custom, node)) }}
    {%- endif -%}
    {{ return(adapter.dispatch('schema_name', 'topheavy')(custom_schema_name)) }}
{%- endmacro %}

{% macro default__schema_name(custom_schema_name) -%}
    {{ return(custom_schema_name or target.schema) }}
{%- endmacro %}

{# On Spark a schema is a database, and a folder: one holds the published tables, another the rest.
   #}
{% macro spark__schema_name(custom_schema_name) -%}
    {{ return(target.schema ~ '_work' if custom_schema_name else target.schema) }}
{%- endmacro %}


{# The work database exists only on DuckDB; Spark has no second catalog here, and a project that
   installed this one has no second database. #}
{% macro generate_database_name(custom_database_name=none, node=none) -%}
    {%- if is_installed() -%}
        {%- set custom = none if custom_database_name == 'work' else custom_database_name -%}
        {%- set theirs = context.get(project_name, {}).get('generate_database_name') -%}
        {{ return((theirs or default__generate_database_name)(custom, node)) }}
    {%- endif -%}
    {{ return(adapter.dispatch('database_name', 'topheavy')(custom_database_name)) }}
{%- endmacro %}

{% macro default__database_name(custom_database_name) -%}
    {{ return(custom_database_name or target.database) }}
{%- endmacro %}

{% macro spark__database_name(custom_database_name) -%}
    {{ return(none) }}
{%- endmacro %}
