{# Tables that are kept from build to build, so that the cost of a build depends on the new data.
   Their models are plain queries over all data; the materialization `kept` restricts them to what
   is new, according to the model's incremental_strategy:

     by_file         replaces the rows of files that are new, changed or withdrawn
     by_id           adds the ids that are not there yet
     by_month        rebuilds months whose rows come from other files than before
     by_description  rebuilds these, months in which the data now cover other days, and all months
                     if other files describe customers or products
     by_period       rebuilds the months, quarters, years and whole data that contain such a month
     by_open_slots   rebuilds these, and all periods if more or fewer hours or weekdays are open

   The table work.raw.kept_periods records the inputs of each month and period. A build removes it
   first and writes it last: after an interrupted build, everything is rebuilt. #}

{# The materialization of a model that only shows other tables: a view on DuckDB. On Spark it is a
   table, because people read its files without Spark, and because Spark plans a view again in every
   place where a query names it, nine in some. #}
{% macro view_on_duckdb() -%}
    {{ return(adapter.dispatch('view_on_duckdb', 'topheavy')()) }}
{%- endmacro %}

{% macro default__view_on_duckdb() -%}
    {{ return('table') }}
{%- endmacro %}

{% macro duckdb__view_on_duckdb() -%}
    {{ return('view') }}
{%- endmacro %}


{# Such a view names its tables without their database, whose name depends on how the file is
   attached. #}
{% macro duckdb__create_view_as(relation, sql) -%}
    {%- if config.get('contract').enforced -%}
        {{ get_assert_columns_equivalent(sql) }}
    {%- endif %}
    create view {{ relation }} as (
        {{ sql | replace('"' ~ relation.database ~ '"."' ~ relation.schema ~ '".', '') }}
    );
{%- endmacro %}


{# Runs before anything is read. A file counts as loaded only while the list has it. It is removed
   from the list first and entered last, after every other table has its rows; in between it is read
   again. Tables that are rebuilt are dropped first, so that their space in the file is reused;
   without a list, those are the kept tables, because nothing says which of their rows are still
   true. Tables made from rows that were read need those rows again, and the rows of the last
   build's files are still there. #}
{% macro delete_stale_loads(is_listed) -%}
    {%- set rebuilt = 'table' if is_listed else 'kept' -%}
    {%- do delete_stale_periods(is_listed) -%}
    {%- set stale = [] -%}
    {%- for name in selected_resources if name in graph.nodes -%}
        {%- set node = graph.nodes[name] -%}
        {%- for made in ['int_row_outcomes', 'stg_interactions']
                if made != 'stg_interactions' or keeps_staged_rows() -%}
            {%- set read_rows = 'model.' ~ project_name ~ '.' ~ made -%}
            {%- if node.resource_type == 'model' and read_rows in node.depends_on.nodes
                and read_rows not in selected_resources -%}
                {%- do exceptions.raise_compiler_error(
                    node.name ~ ' needs the files read: select +' ~ node.name ~ ' in its place'
                ) -%}
            {%- endif -%}
        {%- endfor -%}
        {%- if node.config.materialized == rebuilt -%}
            {%- set relation = adapter.get_relation(node.database, node.schema, node.name) -%}
            {%- if relation -%} {%- do stale.append(relation) -%} {%- endif -%}
        {%- endif -%}
    {%- endfor -%}
    {%- if stale -%} {%- do run_query(drop_all(stale)) -%} {%- endif -%}
    {%- if is_listed and loaded_files() -%}
        {%- do run_query(
            'delete from ' ~ loaded_files() ~ ' where not exists (select 1 from work.raw.files '
            ~ 'where files.file_key = loaded_files.file_key and not files.is_new)'
        ) -%}
    {%- endif -%}
{%- endmacro %}


{# The record of what the last build made from which files, if it was completed. #}
{% macro delete_stale_periods(is_listed) -%}
    {%- do run_query(
        'create table if not exists work.raw.kept_periods '
        ~ '(strategy varchar, period_grain varchar, period_start date, made_of varchar)'
    ) -%}
    {%- do run_query(
        'create or replace table work.raw.last_periods as select * from work.raw.kept_periods '
        ~ 'where ' ~ is_listed
    ) -%}
    {%- do run_query('drop table work.raw.kept_periods') -%}
{%- endmacro %}


{# What the months or periods of this build are made of, as a strategy sees it. The descriptions of
   customers and products apply to every month. A period hashes a single text for each month, and
   one for each kind of slot: the hash of several values is itself an exclusive or, in which values
   that an even number of them share would cancel. #}
{% macro made_periods(strategy) -%}
    {%- set months = "bit_xor(hash(concat_ws("
        ~ "',', month_start, first_day, day_count, month_key)))" -%}
    {%- set descriptions = "(select coalesce(bit_xor(file_key), 0) from work.raw.files "
        ~ "where block in ('customers', 'products'))" -%}
    {%- set slots = "bit_xor(hash(concat_ws(' ', dimension, population_count)))" -%}
    {%- set open_slots = '(select coalesce(' ~ slots ~ ', 0) '
        ~ "from work.intermediate.int_populations where dimension in ('hour', 'weekday') "
        ~ "and period_grain = 'all')" -%}
    {%- set inputs = {
        'by_month': ['month_key'],
        'by_description': ['first_day', 'day_count', 'month_key', descriptions],
        'by_period': [months, descriptions],
        'by_open_slots': [months, descriptions, open_slots],
    }[strategy] -%}
    select
        {% if 'month_key' in inputs -%}
        'month' as period_grain,
        month_start as period_start,
        {%- else -%}
        period_grain,
        period_start,
        {%- endif %}
        concat_ws(' ', {{ inputs | join(', ') }}) as made_of
    from work.intermediate.int_periods
    {% if 'month_key' in inputs -%}
    where period_grain = 'all' {{- ' and month_key is not null' if strategy == 'by_month' }}
    {%- else -%}
    group by period_grain, period_start
    {%- endif %}
{%- endmacro %}


{# Runs after a build that made every table, and records its inputs. #}
{% macro remember_periods() -%}
    {%- if execute and not is_installed() -%}
        {{ return(adapter.dispatch('remember_periods', 'topheavy')()) }}
    {%- endif -%}
{%- endmacro %}

{% macro default__remember_periods() -%}
{%- endmacro %}

{% macro duckdb__remember_periods() -%}
    {%- set missing = [] -%}
    {%- for node in graph.nodes.values() if node.config.materialized == 'kept'
            and node.unique_id not in selected_resources -%}
        {%- do missing.append(node.name) -%}
    {%- endfor -%}
    {%- for result in results if result.node.resource_type == 'model'
            and result.status != 'success' -%}
        {%- do missing.append(result.node.name) -%}
    {%- endfor -%}
    {%- if not missing -%}
        {%- set made = [] -%}
        {%- for strategy in ['by_month', 'by_description', 'by_period', 'by_open_slots'] -%}
            {%- do made.append(
                "select '" ~ strategy ~ "' as strategy, * from (" ~ made_periods(strategy) ~ ')'
            ) -%}
        {%- endfor -%}
        create or replace table work.raw.kept_periods as {{ made | join(' union all ') }}
    {%- endif -%}
{%- endmacro %}


{# The relation of the loaded files, for the tables upstream of it. #}
{% macro loaded_files() -%}
    {{ return(adapter.get_relation(target.database, target.schema, 'loaded_files')) }}
{%- endmacro %}


{# The rows of a seed on Spark, where dbt's own macro writes an empty cell as the text None and does
   not escape quotation marks. #}
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
