{# The functions in the warehouse file for analysts. On Spark there are none, because it does not
   store SQL functions. Another project's database gets none either: its SQL calls the macros of the
   same names. #}
{% macro sql_functions() -%}
    {{ return('' if is_installed() else adapter.dispatch('sql_functions', 'topheavy')()) }}
{%- endmacro %}


{% macro default__sql_functions() -%}
{%- endmacro %}


{# The indices of any column, usable with group by: see column_indices.sql. #}
{% macro duckdb__sql_functions() -%}
create or replace macro hhi(x) as
    {{ hhi('x') }};
comment on macro hhi is
    'Herfindahl-Hirschman index of the values, 1/n to 1: hhi(x)';

create or replace macro effective_number(x) as
    {{ effective_number('x') }};
comment on macro effective_number is
    'How many equal entities would be as concentrated, 1/HHI: effective_number(x)';

create or replace macro shannon(x) as
    {{ shannon('x') }};
comment on macro shannon is
    'Shannon entropy of the shares in natural logarithms, 0 to ln(n): shannon(x)';

create or replace macro theil(x) as
    {{ theil('x') }};
comment on macro theil is
    'Theil index T of the values, 0 to ln(n): theil(x)';

create or replace macro gini(x) as
    {{ gini('x') }};
comment on macro gini is
    'Gini coefficient of the values, 0 to 1 - 1/n: gini(x)';

create or replace macro hoover(x) as
    {{ hoover('x') }};
comment on macro hoover is
    'Hoover index, the part to move for all to be alike, 0 to 1 - 1/n: hoover(x)';

create or replace macro top_share(x, k) as
    {{ top_share('x', 'k') }};
comment on macro top_share is
    'Part of the total that the k largest hold, 0 to 1, NULL for k below 0: top_share(x, k)';

create or replace macro entities_to(x, share) as
    {{ entities_to('x', 'share') }};
comment on macro entities_to is
    'The fewest that together hold a part of the total, NULL if not 0 to 1: entities_to(x, share)';

    {%- if has_table('entity_concentration') and has_table('lorenz_curves') %}

create or replace macro concentration_of(
    dimension_name, measure_name, database_name := null
) as table
    {{ mart_rows(
        'entity_concentration',
        'entity_id, entity_label, entity_value, value_share, value_rank, '
        ~ 'cumulative_share, abc_class',
        'value_rank nulls last, entity_id'
    ) }};
comment on macro table concentration_of is
    'Entities of a dimension by a measure, largest first: concentration_of(dimension, measure)';

create or replace macro lorenz_of(
    dimension_name, measure_name, database_name := null
) as table
    {{ mart_rows(
        'lorenz_curves',
        'point_number, entity_count, entity_share, value_share',
        'point_number',
        "where period_grain = 'all'"
    ) }};
comment on macro table lorenz_of is
    'Lorenz curve of a dimension by a measure, whole period: lorenz_of(dimension, measure)';
    {%- endif %}
{%- endmacro %}


{# The rows of a mart for one dimension and measure. A name that the mart does not have raises an
   error that lists the existing names, because an empty answer would look like a valid one. A
   function does not know the name under which its own file is attached: it looks in the database in
   use, in `topheavy` if an in-memory session uses none, and otherwise in the database that its
   caller names. #}
{% macro mart_rows(mart, columns, ordering, filter='') -%}
    with
    mart as (
        select *
        from query_table(concat(
            '"',
            replace(
                coalesce(database_name, nullif(current_database(), 'memory'), 'topheavy'),
                '"',
                '""'
            ),
            '".main.{{ mart }}'
        ))
        {{ filter }}
    ),
    known as (
        select case
            when count(case when dimension = dimension_name and measure = measure_name then 1 end)
                > 0
                then true
            else error(concat(
                'no ', measure_name, ' by ', dimension_name, '; measures are: ',
                string_agg(distinct measure, ', ' order by measure), '; dimensions are: ',
                string_agg(distinct dimension, ', ' order by dimension)
            ))
        end as is_known
        from mart
    )
    select {{ columns }}
    from mart
    cross join known
    where is_known and dimension = dimension_name and measure = measure_name
    order by {{ ordering }}
{%- endmacro %}


{# Whether the build has that table; a build that selects other models may not. #}
{% macro has_table(name) -%}
    {{ return(execute and adapter.get_relation(target.database, target.schema, name) is not none) }}
{%- endmacro %}
