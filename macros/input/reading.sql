{# Functions for the models up to the star. Only DuckDB reads files; in a project that installed
   this one, any engine reads relations. #}

{# A column's name in quotes, so that any header can be used. #}
{% macro quoted(column_name) -%}
    {{ return(adapter.dispatch('quoted', 'topheavy')(column_name)) }}
{%- endmacro %}

{% macro default__quoted(column_name) -%}
    {{ return('"' ~ column_name | replace('"', '""') ~ '"') }}
{%- endmacro %}

{% macro spark__quoted(column_name) -%}
    {{ return('`' ~ column_name | replace('`', '``') ~ '`') }}
{%- endmacro %}


{# A text without the surrounding spaces, including tabs, line endings, and wide, non-breaking and
   invisible spaces. Few texts have any, and most begin and end in a visible ASCII character.
   Checking for that is faster than DuckDB's own trim, which only removes plain spaces. #}
{% macro trimmed(expression) -%}
    {{ return(adapter.dispatch('trimmed', 'topheavy')(expression)) }}
{%- endmacro %}

{% macro default__trimmed(expression) -%}
    {%- set blank = '[\\s\\p{Z}\\x{FEFF}\\x{200B}]' -%}
    {{ return(
        'case when ' ~ starts_visibly(expression) ~ ' and '
        ~ starts_visibly('substr(' ~ expression ~ ', -1)') ~ ' then ' ~ expression
        ~ ' when ' ~ matches(expression, '^' ~ blank ~ '|' ~ blank ~ '$')
        ~ ' then trim(' ~ expression ~ ", '" ~ blanks() ~ "') else " ~ expression ~ ' end'
    ) }}
{%- endmacro %}


{% macro spark__trimmed(expression) -%}
    {{ return('trim(both ' ~ text_literal(blanks()) ~ ' from ' ~ expression ~ ')') }}
{%- endmacro %}


{# True for texts that begin with a visible ASCII character. The check uses its number, because
   characters compare more slowly, and DuckDB 2.0.0 fails on `split_part(NULL, ...) >= '!'` below a
   window. #}
{% macro starts_visibly(expression) -%}
    {{ return(first_letter(expression) ~ ' between 33 and 126') }}
{%- endmacro %}


{# The code point of the first character of a text. #}
{% macro first_letter(expression) -%}
    {{ return(adapter.dispatch('first_letter', 'topheavy')(expression)) }}
{%- endmacro %}

{% macro default__first_letter(expression) -%}
    {{ return('unicode(' ~ expression ~ ')') }}
{%- endmacro %}

{% macro spark__first_letter(expression) -%}
    {{ return('ascii(' ~ expression ~ ')') }}
{%- endmacro %}


{% macro blanks() -%}
    {{ return(
        ' \t\r\n\f\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a'
        ~ '\u2028\u2029\u202f\u205f\u3000\u200b\ufeff'
    ) }}
{%- endmacro %}


{# \1 in the replacement is the first group of the pattern. #}
{% macro replace_all(expression, pattern, replacement) -%}
    {{ return(adapter.dispatch('replace_all', 'topheavy')(expression, pattern, replacement)) }}
{%- endmacro %}

{% macro default__replace_all(expression, pattern, replacement) -%}
    regexp_replace(
        {{ expression }}, {{ text_literal(pattern) }}, {{ text_literal(replacement) }}, 'g'
    )
{%- endmacro %}


{% macro spark__replace_all(expression, pattern, replacement) -%}
    regexp_replace(
        {{ expression }}, {{ text_literal(pattern) }},
        {{ text_literal(replacement | replace('\\', '$')) }}
    )
{%- endmacro %}


{# strptime formats are the mapping's language; NULL if the text does not fit. A timestamp that
   names its zone is returned in UTC. #}
{% macro try_timestamp(expression, time_format) -%}
    {%- set stamp = 'try_strptime(' ~ expression ~ ', ' ~ text_literal(time_format) ~ ')' -%}
    {%- set has_zone = '%z' in time_format or '%Z' in time_format -%}
    {{ "timezone('UTC', " ~ stamp ~ ')' if has_zone else stamp }}
{%- endmacro %}


{# Converts from the time zone of the file to the time zone of the business. #}
{% macro in_zone(expression, from_zone, to_zone) -%}
    {{ return(adapter.dispatch('in_zone', 'topheavy')(expression, from_zone, to_zone)) }}
{%- endmacro %}

{% macro default__in_zone(expression, from_zone, to_zone) -%}
    timezone({{ text_literal(to_zone) }}, timezone({{ text_literal(from_zone) }}, {{ expression }}))
{%- endmacro %}


{% macro spark__in_zone(expression, from_zone, to_zone) -%}
    from_utc_timestamp(
        to_utc_timestamp({{ expression }}, {{ text_literal(from_zone) }}),
        {{ text_literal(to_zone) }}
    )
{%- endmacro %}


{# A text as a number of a type; NULL if it is not a number. #}
{% macro try_number(expression, type) -%}
    try_cast({{ expression }} as {{ type }})
{%- endmacro %}


{# The last value that is not NULL, from the first row of a partition up to this one. #}
{% macro last_filled(expression, parts, places) -%}
    last_value({{ expression }} ignore nulls) over (
        partition by {{ parts }} order by {{ places }}
        rows between unbounded preceding and current row
    )
{%- endmacro %}


{# The position of a row in the table that its file was read into. DuckDB writes rows in the order
   in which it reads them, as long as nothing is joined, so the rows of a file are consecutive. Rows
   of a relation have no order: unusable rows come first, sorted by their text. #}
{% macro row_place() -%}
    {%- if is_installed() -%}
        row_number() over (
            order by
                case when is_blank or reject_reason is not null then 0 else 1 end,
                raw_text,
                reject_reason,
                file_key
        )
    {%- else -%}
        rowid
    {%- endif -%}
{%- endmacro %}


{# DuckDB does not know how many rows a file has before it reads it, and assumes that there are few:
   it would hash the lines and probe with the orders. While the files are read, joins are therefore
   executed as written, with the small side on the right. Rows are also typed before the unusable
   ones are filtered out: with an earlier filter, each condition would read the text once more. #}
{% macro join_as_written(is_reading) -%}
    {%- if not is_installed() %}
    set disabled_optimizers = '{{ 'build_side_probe_side,filter_pushdown' if is_reading }}'
    {%- endif -%}
{%- endmacro %}


{# Runs after a table has read its files, and keeps the lines that the reader set aside. DuckDB
   holds them in temporary tables of the connection that read. #}
{% macro keep_malformed_lines(block) -%}
    {%- if execute and not is_installed() -%}
        {# The orders are read together with their lines, and nowhere else. #}
        {%- set blocks = [block, 'orders'] if block == 'interactions' else [block] -%}
        {%- if run_query(
            "select 1 from duckdb_tables() where temporary and table_name = 'reject_errors'"
        ).rows -%}
            {{ statements_for({'blocks': blocks})[0] }}
        {%- endif -%}
    {%- endif -%}
{%- endmacro %}
