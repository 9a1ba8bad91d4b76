{# Makes the mapping's files readable as source('raw', ...): one view per block with the
   mapped columns as text, and where each row came from. Nothing is copied. #}
{% macro create_raw_sources() -%}
    {%- if execute -%}
        {%- do adapter.dispatch('create_raw_sources', 'topheavy')() -%}
    {%- endif -%}
{%- endmacro %}

{% macro default__create_raw_sources() -%}
    {# A plugin can be asked only while there is a connection. #}
    {%- do run_query('create schema if not exists work.raw') -%}
    {%- for statement in statements_for({'mapping': var('mapping')}) -%}
        {%- do run_query(statement) -%}
    {%- endfor -%}
    {%- do forget_loads(is_listed=env_var('TOPHEAVY_FILES', '') != '') -%}
{%- endmacro %}


{# The SQL for a question, written by scripts/raw_sources.py (see scripts/dbt_sources.py). #}
{% macro statements_for(question) -%}
    {%- do adapter.store_relation('dbt_sources', none, [], '', '', question) -%}
    {{ return(question.statements) }}
{%- endmacro %}


{# After a table has read its files: keep the lines that the reader set aside. DuckDB holds
   them in temporary tables of the connection that read. #}
{% macro keep_malformed_lines(block) -%}
    {%- if execute and adapter.type() == 'duckdb' -%}
        {# The orders are read along with their lines, and by nobody else. #}
        {%- set blocks = [block, 'orders'] if block == 'interactions' else [block] -%}
        {%- if run_query(
            "select 1 from duckdb_tables() where temporary and table_name = 'reject_errors'"
        ).rows -%}
            {{ statements_for({'blocks': blocks})[0] }}
        {%- endif -%}
    {%- endif -%}
{%- endmacro %}


{# Where a row stands in the table that its file was read into. DuckDB writes rows in the order
   in which it reads them, as long as nothing is joined, so that those of a file stand one after
   the other; Spark does not, and numbers them while it reads. #}
{% macro row_place() -%}
    {{ return(adapter.dispatch('row_place', 'topheavy')()) }}
{%- endmacro %}

{% macro default__row_place() -%}
    rowid
{%- endmacro %}

{% macro spark__row_place() -%}
    cast(null as bigint)
{%- endmacro %}


{# DuckDB cannot tell how many rows a file has that it may not look into, and takes it for
   tiny: it would hash the lines and probe with the orders. While the files are read, a join
   is built as it is written, the small side on the right. And rows are typed before those that
   cannot be used are left out: asked earlier, each question would read the text once more. #}
{% macro join_as_written(is_reading) -%}
    {{ return(adapter.dispatch('join_as_written', 'topheavy')(is_reading)) }}
{%- endmacro %}

{% macro default__join_as_written(is_reading) -%}
    set disabled_optimizers = '{{ 'build_side_probe_side,filter_pushdown' if is_reading }}'
{%- endmacro %}

{% macro spark__join_as_written(is_reading) -%}
{%- endmacro %}
