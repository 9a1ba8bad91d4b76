{# How tables and views are created on DuckDB: directly, in one transaction. A build has its own
   database that nobody reads before it is published, so no old relation must stay available under
   another name until the new one is complete. dbt's own method, which creates each relation next to
   the old one, renames both and then drops the old one, costs a build of some hundred relations a
   tenth of its time. #}

{% materialization table, adapter='duckdb' -%}
    {{ return(make_in_place('table')) }}
{%- endmaterialization %}

{% materialization view, adapter='duckdb' -%}
    {{ return(make_in_place('view')) }}
{%- endmaterialization %}


{% macro make_in_place(type) -%}
    {%- set there = load_cached_relation(this) -%}
    {%- set made = this.incorporate(type=type) -%}
    {{ run_hooks(pre_hooks, inside_transaction=false) }}
    {{ run_hooks(pre_hooks, inside_transaction=true) }}
    {%- call statement('main') -%}
        {{ drop_all([there] if there else []) }}
        create {{ type }} {{ made }} as (
        {%- if config.get('contract').enforced -%}
            {#- Columns that the contract lacks come last, for the check to find them. #}
            {%- set columns = model.columns | join(', ') -%}
            select {{ columns }}, query_of_contract.* exclude ({{ columns }})
            from ({{ whole_query() }}) as query_of_contract
        {%- else -%}
            {{ whole_query() }}
        {%- endif -%}
        );
        {%- if config.get('contract').enforced -%} {{ contract_check(made) }} {%- endif -%}
        {%- if config.persist_relation_docs() -%} {{ descriptions_of(made) }} {%- endif -%}
    {%- endcall -%}
    {{ run_hooks(post_hooks, inside_transaction=true) }}
    {%- do adapter.commit() -%}
    {{ run_hooks(post_hooks, inside_transaction=false) }}
    {{ return({'relations': [made]}) }}
{%- endmacro %}


{# The model's query with an end of line, because a model may end in a comment. #}
{% macro whole_query() -%}
    {{ return(compiled_code ~ '\n') }}
{%- endmacro %}


{# Statements that drop relations. For each relation, dbt's own method prepares every macro of the
   project again. #}
{% macro drop_all(relations) -%}
    {%- for relation in relations -%}
        {%- do adapter.cache_dropped(relation) -%}
        drop {{ relation.type }} if exists {{ relation }} cascade;
    {% endfor -%}
{%- endmacro %}


{# Statement that stops the transaction if a relation's columns differ from the model's contract.
   dbt's own check plans the model's query a second time and its contract as another query, which
   takes a twelfth of a small build. #}
{% macro contract_check(made) %}
select error(
    'The columns of {{ made.identifier }} break the contract of its model: '
    || string_agg(fault, '; ' order by fault)
)
from (
    select
        format(
            '{} has the type {}, in the contract {}', column_name,
            coalesce(made.column_type, '(missing)'), coalesce(declared.column_type, '(missing)')
        ) as fault
    from (describe {{ made }}) as made
    full join (
        describe select
        {%- for column in model.columns.values() %}
            cast(null as {{ column.data_type }}) as {{ column.name }}{{ ',' if not loop.last }}
        {%- endfor %}
    ) as declared using (column_name)
    where made.column_type is distinct from declared.column_type
)
having count(*) > 0;
{% endmacro %}


{# Comments on a published relation and on each of its columns. Its contract lists its columns, so
   they need not be looked up. #}
{% macro descriptions_of(made) -%}
comment on {{ made.type }} {{ made }} is {{ default__text_literal(model.description) }};
{% for column in model.columns.values() -%}
comment on column {{ made }}.{{ column.name }} is {{ default__text_literal(column.description) }};
{% endfor -%}
{%- endmacro %}


{# Tables that are kept from build to build: see loading.sql. #}
{% materialization kept, adapter='duckdb' -%}
    {{ return(make_kept()) }}
{%- endmaterialization %}

{# Any other engine runs this project as a package, in which nothing is kept. #}
{% materialization kept, default -%}
    {{ return(materialization_table_default()) }}
{%- endmaterialization %}

{# On Spark every build is a full one: its tables are files, and no statement can delete rows from
   them. #}
{% materialization kept, adapter='spark' -%}
    {{ return(materialization_table_spark()) }}
{%- endmaterialization %}


{% macro make_kept() -%}
    {%- set strategy = config.require('incremental_strategy') -%}
    {%- if is_installed() -%} {{ return(make_in_place('table')) }} {%- endif -%}
    {%- set is_there = load_cached_relation(this) is not none and not should_full_refresh() -%}
    {%- set stale = stale_rows(strategy) if is_there else none -%}
    {%- if stale is none -%} {{ return(make_in_place('table')) }} {%- endif -%}
    {{ run_hooks(pre_hooks, inside_transaction=false) }}
    {{ run_hooks(pre_hooks, inside_transaction=true) }}
    {%- call statement('main') -%}
        {%- if strategy == 'by_file' -%}
            delete from {{ this }} where {{ stale }};
            insert into {{ this }} by name select * from ({{ whole_query() }}) as made
        {%- elif strategy == 'by_id' -%}
            insert into {{ this }} by name
            select * from ({{ whole_query() }}) as made except select * from {{ this }}
        {%- elif not stale -%}
            select 'nothing is stale' as outcome
        {%- else -%}
            delete from {{ this }} where {{ stale }};
            insert into {{ this }} by name
            select * from ({{ whole_query() }}) as made where {{ stale }}
        {%- endif -%}
    {%- endcall -%}
    {{ run_hooks(post_hooks, inside_transaction=true) }}
    {%- do adapter.commit() -%}
    {{ run_hooks(post_hooks, inside_transaction=false) }}
    {{ return({'relations': [this]}) }}
{%- endmacro %}


{# The condition for rows of a kept table that are no longer true; empty if all still are, none if
   nothing is known about the last build or if it was not completed. #}
{% macro stale_rows(strategy) -%}
    {%- if strategy == 'by_file' -%}
        {{ return(
            'file_key not in (select file_key from ' ~ loaded_files() ~ ')'
            if loaded_files() else 'true'
        ) }}
    {%- elif strategy == 'by_id' -%} {{ return('') }}
    {%- endif -%}
    {%- set last = "(select * exclude (strategy) from work.raw.last_periods where strategy = '"
        ~ strategy ~ "')" -%}
    {%- if run_query('select count(*) from ' ~ last).rows[0][0] == 0 -%}
        {{ return(none) }}
    {%- endif -%}
    {%- set now = '(' ~ made_periods(strategy) ~ ')' -%}
    {%- set starts = {} -%}
    {%- for grain, start in run_query(
        'select distinct period_grain, cast(period_start as varchar) from ('
        ~ '(from ' ~ now ~ ' except from ' ~ last ~ ') union (from ' ~ last ~ ' except from '
        ~ now ~ ')) order by all'
    ).rows -%}
        {%- do starts.setdefault(grain, []).append("date '" ~ start ~ "'") -%}
    {%- endfor -%}
    {# The values are written out, because DuckDB skips data that it can exclude before reading. #}
    {%- set conditions = [] -%}
    {%- for grain, dates in starts.items() -%}
        {%- do conditions.append(
            "(period_grain = '" ~ grain ~ "' and period_start in (" ~ dates | join(', ') ~ '))'
            if strategy in ('by_period', 'by_open_slots')
            else 'month_start in (' ~ dates | join(', ') ~ ')'
        ) -%}
    {%- endfor -%}
    {{ return('(' ~ conditions | join(' or ') ~ ')' if conditions else '') }}
{%- endmacro %}
