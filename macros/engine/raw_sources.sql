{# Runs before the first model and prepares what the models start from. #}
{% macro create_raw_sources() -%}
    {%- if execute and is_installed() -%}
        {%- do check_installation() -%}
    {%- elif execute and flags.WHICH != 'freshness' -%}
        {%- do adapter.dispatch('create_raw_sources', 'topheavy')() -%}
    {%- endif -%}
{%- endmacro %}


{# The mapping's files, readable as source('raw', ...): one view per block with the mapped columns
   as text and the origin of each row. Nothing is copied. #}
{% macro default__create_raw_sources() -%}
    {# A plugin can be asked only while there is a connection. #}
    {%- do run_query('create schema if not exists work.raw') -%}
    {%- if reads_files() -%}
        {%- set question = {'mapping': mapping_in_use(), 'refs': mapped_refs()} -%}
        {%- for statement in statements_for(question) -%}
            {%- do run_query(statement) -%}
        {%- endfor -%}
    {%- endif -%}
    {%- do delete_stale_loads(is_listed=env_var('TOPHEAVY_FILES', '') != '') -%}
{%- endmacro %}


{# Whether a selected node reads the files. Other nodes are built without them, such as a model that
   the mapping names instead of files. #}
{% macro reads_files() -%}
    {%- set found = [] -%}
    {%- for name in selected_resources if name in graph.nodes -%}
        {%- for source in graph.nodes[name].depends_on.nodes if source.startswith('source.') -%}
            {%- do found.append(source) -%}
        {%- endfor -%}
    {%- endfor -%}
    {{ return(found | length > 0) }}
{%- endmacro %}


{# The relation of each block that the mapping takes from a dbt model. #}
{% macro mapped_refs() -%}
    {%- set found = {} -%}
    {%- for block in ['interactions', 'orders', 'customers', 'products'] -%}
        {%- set name = modules.re.fullmatch(
            "ref\\(['\"](\\w+)['\"]\\)", mapped_block(block).get('relation', '')
        ) -%}
        {%- for node in graph.nodes.values() if name and node.name == name[1] -%}
            {%- do found.update({block: [node.database, node.schema, node.alias] | join('.')}) -%}
        {%- endfor -%}
    {%- endfor -%}
    {{ return(found) }}
{%- endmacro %}


{# The SQL for a question, by topheavy/mapping/sources.py (see topheavy/build/dbt_sources.py). #}
{% macro statements_for(question) -%}
    {%- do adapter.store_relation('dbt_sources', none, [], '', '', question) -%}
    {{ return(question.statements) }}
{%- endmacro %}


{# When the newest file of a block was last written, for `dbt source freshness`, which calls this
   while it runs. #}
{% macro newest_file(block) -%}
    {{ statements_for({'mapping': var('mapping'), 'newest_of': block})[0] }}
{%- endmacro %}


{# Spark begins with the star, which DuckDB has written as Parquet (topheavy/build/ingest.py), in
   one folder per table, where Spark looks for a table of that name. Ids come from every worker that
   found them. #}
{% macro spark__create_raw_sources() -%}
    {%- for name in var('handed_over') -%}
        {%- set model = graph.nodes['model.' ~ project_name ~ '.' ~ name] -%}
        {%- set table = model.schema ~ '.' ~ name -%}
        {%- set has_repeats = model.config.incremental_strategy == 'by_id' -%}
        {%- set written = table ~ '_of_workers' if has_repeats else table -%}
        {%- do run_query('create database if not exists ' ~ model.schema) -%}
        {%- do run_query('drop table if exists ' ~ written) -%}
        {%- do run_query(
            'create table ' ~ written ~ ' using parquet location ' ~ text_literal(name)
        ) -%}
        {%- if has_repeats -%}
            {%- do run_query(
                'create or replace view ' ~ table ~ ' as select distinct * from ' ~ written
            ) -%}
        {%- endif -%}
    {%- endfor -%}
{%- endmacro %}
