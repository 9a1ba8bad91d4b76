{# Functions for the models up to the star. Files are read by DuckDB alone; relations, in a project
   that installed this one, by any engine. #}

{# A column's name in quotes, so that any header can be one. #}
{% macro quoted(column_name) -%}
    {{ return(adapter.dispatch('quoted', 'topheavy')(column_name)) }}
{%- endmacro %}

{% macro default__quoted(column_name) -%}
    {{ return('"' ~ column_name | replace('"', '""') ~ '"') }}
{%- endmacro %}

{% macro spark__quoted(column_name) -%}
    {{ return('`' ~ column_name | replace('`', '``') ~ '`') }}
{%- endmacro %}


{# Without the blanks around it, also tabs, ends of lines, and the wide, unbreakable and invisible
   ones. Few texts have any, and most begin and end in a visible letter of ASCII, which is seen
   quicker than DuckDB's own trim, that knows spaces only, would run. #}
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


{# True of texts that begin with a visible letter of ASCII. By its number: letters compare slower,
   and DuckDB 2.0.0 fails on `split_part(NULL, ...) >= '!'` below a window. #}
{% macro starts_visibly(expression) -%}
    {{ return(first_letter(expression) ~ ' between 33 and 126') }}
{%- endmacro %}


{# The number of the first letter of a text. #}
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


{# strptime formats are the mapping's language; NULL where the text does not fit. A stamp
   that names its zone comes in UTC. #}
{% macro try_timestamp(expression, time_format) -%}
    {%- set stamp = 'try_strptime(' ~ expression ~ ', ' ~ text_literal(time_format) ~ ')' -%}
    {%- set has_zone = '%z' in time_format or '%Z' in time_format -%}
    {{ "timezone('UTC', " ~ stamp ~ ')' if has_zone else stamp }}
{%- endmacro %}


{# From the zone that the file was written in to the zone that the business lives in. #}
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


{# A text as a number of a type; NULL where it is none. #}
{% macro try_number(expression, type) -%}
    try_cast({{ expression }} as {{ type }})
{%- endmacro %}


{# The last value that is not NULL, from the first row of a part up to this one. #}
{% macro last_filled(expression, parts, places) -%}
    last_value({{ expression }} ignore nulls) over (
        partition by {{ parts }} order by {{ places }}
        rows between unbounded preceding and current row
    )
{%- endmacro %}


{# Where a row stands in the table that its file was read into. DuckDB writes rows in the order
   in which it reads them, as long as nothing is joined, so that those of a file stand one after
   the other. Rows of a relation have no order: those that cannot be used come first, by their
   text. #}
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


{# DuckDB cannot tell how many rows a file has that it may not look into, and takes it for
   tiny: it would hash the lines and probe with the orders. While the files are read, a join
   is built as it is written, the small side on the right. And rows are typed before those that
   cannot be used are left out: asked earlier, each question would read the text once more. #}
{% macro join_as_written(is_reading) -%}
    {%- if not is_installed() %}
    set disabled_optimizers = '{{ 'build_side_probe_side,filter_pushdown' if is_reading }}'
    {%- endif -%}
{%- endmacro %}


{# After a table has read its files: keep the lines that the reader set aside. DuckDB holds
   them in temporary tables of the connection that read. #}
{% macro keep_malformed_lines(block) -%}
    {%- if execute and not is_installed() -%}
        {# The orders are read along with their lines, and by nobody else. #}
        {%- set blocks = [block, 'orders'] if block == 'interactions' else [block] -%}
        {%- if run_query(
            "select 1 from duckdb_tables() where temporary and table_name = 'reject_errors'"
        ).rows -%}
            {{ statements_for({'blocks': blocks})[0] }}
        {%- endif -%}
    {%- endif -%}
{%- endmacro %}
