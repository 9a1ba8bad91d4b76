{# Tables that are kept from build to build, so that new data costs the new data.

   Each row says what it was made from: a file's row the key of the file and its content, a
   month's row the key of the files that the month was summed from. Before a build adds rows,
   it deletes those whose key is no longer true. So no table depends on how far an earlier
   build came, and whatever happened in between, the result is that of a full build. #}

{# How such a table is materialized. On Spark every build is a full one: its tables are read
   from files that no statement deletes rows from. #}
{% macro kept_table() -%}
    {{ return(adapter.dispatch('kept_table', 'topheavy')()) }}
{%- endmacro %}

{% macro default__kept_table() -%}
    {{ return('table') }}
{%- endmacro %}

{% macro duckdb__kept_table() -%}
    {{ return('incremental') }}
{%- endmacro %}


{# Whether the model has rows of an earlier build to go on from. #}
{% macro is_kept() -%}
    {{ return(adapter.dispatch('is_kept', 'topheavy')()) }}
{%- endmacro %}

{% macro default__is_kept() -%}
    {{ return(false) }}
{%- endmacro %}

{% macro duckdb__is_kept() -%}
    {#- A unit test has no relation that could be kept. -#}
    {{ return(this is not none and is_incremental()) }}
{%- endmacro %}


{# Before anything is read: a file is loaded only as long as the list says so. It is struck off
   first and entered last, after every other table has its rows: in between it is read again.
   Tables that are made anew go first, so that their room in the file is used again; without a
   list those are the kept ones, of which nothing says what is still true. What is made of the
   rows that were read needs them read again: there are those of the last build's files. #}
{% macro forget_loads(is_listed) -%}
    {%- set made_anew = 'table' if is_listed else 'incremental' -%}
    {%- for name in selected_resources if name in graph.nodes -%}
        {%- set node = graph.nodes[name] -%}
        {%- set read_rows = 'model.' ~ project_name ~ '.int_interaction_rows' -%}
        {%- if node.resource_type == 'model' and read_rows in node.depends_on.nodes
            and read_rows not in selected_resources -%}
            {%- do exceptions.raise_compiler_error(
                node.name ~ ' needs the files read: select +' ~ node.name ~ ' in its place'
            ) -%}
        {%- endif -%}
        {%- if node.config.materialized == made_anew -%}
            {%- set relation = adapter.get_relation(node.database, node.schema, node.name) -%}
            {%- if relation -%} {%- do adapter.drop_relation(relation) -%} {%- endif -%}
        {%- endif -%}
    {%- endfor -%}
    {%- if is_listed and loaded_files() -%}
        {%- do run_query(
            'delete from ' ~ loaded_files() ~ ' where not exists (select 1 from work.raw.files '
            ~ 'where files.file_key = loaded_files.file_key and not files.is_new)'
        ) -%}
    {%- endif -%}
{%- endmacro %}


{# Where the loaded files stand, for the tables before them in the flow. #}
{% macro loaded_files() -%}
    {{ return(adapter.get_relation(target.database, target.schema, 'loaded_files')) }}
{%- endmacro %}


{# Before a model adds the rows of the files to read: delete those of all files that are not
   loaded, whether withdrawn, changed, or read by a build that was cut short. #}
{% macro forget_files() -%}
    {%- if is_kept() -%}
        delete from {{ this }}
        {%- if loaded_files() %}
        where file_key not in (select file_key from {{ loaded_files() }})
        {%- endif -%}
    {%- endif -%}
{%- endmacro %}


{# Before a model adds the files of a block as a whole: delete it where one of them is new. #}
{% macro forget_block(block) -%}
    {%- set files = ref('stg_files') -%}
    {%- if is_kept() -%}
        delete from {{ this }}
        where exists (select 1 from {{ files }} where source_block = '{{ block }}')
    {%- endif -%}
{%- endmacro %}


{# Before a model adds rows: delete those that are made of other files by now. `columns` say of
   which month or period a row is and what it was made of; `made_of` is the model that has what
   is still true of them. #}
{% macro forget_stale(made_of, columns) -%}
    {%- if is_kept() -%}
        delete from {{ this }}
        where ({{ columns | join(', ') }}) not in (
            select ({{ columns | join(', ') }}) from {{ ref(made_of) }}
        )
    {%- endif -%}
{%- endmacro %}


{# The condition on rows that they are of a month or period that the model does not have;
   `values` says what of a row is each column that tells those apart. It asks nothing in a full
   build. Not with exists, which would look at every moment rather than every month. #}
{% macro is_to_sum(made_of, values) -%}
    {%- if is_kept() -%}
        {%- set columns = values | join(', ') -%}
        ({{ values.values() | join(', ') }}) in (
            select ({{ columns }})
            from (
                select {{ columns }} from {{ ref(made_of) }}
                except
                select {{ columns }} from {{ this }}
            ) as missing
        )
    {%- else -%}
        true
    {%- endif -%}
{%- endmacro %}


{# The rows of a seed on Spark, where dbt writes an empty cell as the text None, and a quotation
   mark as it is. #}
{% macro spark__load_csv_rows(model, agate_table) -%}
    {%- set types = model.config.get('column_types', {}) -%}
    {%- set rows = [] -%}
    {%- for row in agate_table.rows -%}
        {%- set cells = [] -%}
        {%- for name in agate_table.column_names -%}
            {%- set cell = 'null' if row[name] is none else text_literal(row[name]) -%}
            {%- set type = types.get(name, adapter.convert_type(agate_table, loop.index0)) -%}
            {%- do cells.append('cast(' ~ cell ~ ' as ' ~ type ~ ')') -%}
        {%- endfor -%}
        {%- do rows.append('(' ~ cells | join(', ') ~ ')') -%}
    {%- endfor -%}
    {%- set sql = 'insert into ' ~ this.render() ~ ' values ' ~ rows | join(', ') -%}
    {%- do adapter.add_query(sql, abridge_sql_log=true) -%}
    {{ return(sql) }}
{%- endmacro %}
