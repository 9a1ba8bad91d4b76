{# Functions that DuckDB and Spark SQL spell differently. One public line each, bodies
   below it; the models use nothing else that is not in both. #}

{# --- quoting ----------------------------------------------------------------- #}

{% macro quoted(column_name) -%}
    {{ return(adapter.dispatch('quoted', 'topheavy')(column_name)) }}
{%- endmacro %}

{% macro default__quoted(column_name) -%}
    {{ return('"' ~ column_name | replace('"', '""') ~ '"') }}
{%- endmacro %}

{% macro spark__quoted(column_name) -%}
    {{ return('`' ~ column_name | replace('`', '``') ~ '`') }}
{%- endmacro %}


{# Spark reads a backslash in a literal as an escape; DuckDB does not. #}
{% macro text_literal(value) -%}
    {{ return(adapter.dispatch('text_literal', 'topheavy')(value)) }}
{%- endmacro %}

{% macro default__text_literal(value) -%}
    {{ return("'" ~ value | string | replace("'", "''") ~ "'") }}
{%- endmacro %}

{% macro spark__text_literal(value) -%}
    {{ return("'" ~ value | string | replace("\\", "\\\\") | replace("'", "\\'") ~ "'") }}
{%- endmacro %}


{# --- text --------------------------------------------------------------------- #}

{% macro matches(expression, pattern) -%}
    {{ return(adapter.dispatch('matches', 'topheavy')(expression, pattern)) }}
{%- endmacro %}

{% macro default__matches(expression, pattern) -%}
    regexp_matches({{ expression }}, {{ text_literal(pattern) }})
{%- endmacro %}

{% macro spark__matches(expression, pattern) -%}
    {{ expression }} rlike {{ text_literal(pattern) }}
{%- endmacro %}


{% macro replace_all(expression, pattern, replacement) -%}
    {{ return(adapter.dispatch('replace_all', 'topheavy')(expression, pattern, replacement)) }}
{%- endmacro %}

{% macro default__replace_all(expression, pattern, replacement) -%}
    regexp_replace(
        {{ expression }}, {{ text_literal(pattern) }}, {{ text_literal(replacement) }}, 'g'
    )
{%- endmacro %}

{# Spark replaces all by itself. #}
{% macro spark__replace_all(expression, pattern, replacement) -%}
    regexp_replace(
        {{ expression }}, {{ text_literal(pattern) }}, {{ text_literal(replacement) }}
    )
{%- endmacro %}


{# How a replacement names the first group of its pattern. #}
{% macro id_capture() -%}
    {{ return(adapter.dispatch('id_capture', 'topheavy')()) }}
{%- endmacro %}

{% macro default__id_capture() -%} {{ return('\\1') }} {%- endmacro %}

{% macro spark__id_capture() -%} {{ return('$1') }} {%- endmacro %}


{# --- time --------------------------------------------------------------------- #}

{# strptime formats are the mapping's language; NULL where the text does not fit. A stamp
   that names its zone comes in UTC. #}
{% macro try_timestamp(expression, time_format) -%}
    {{ return(adapter.dispatch('try_timestamp', 'topheavy')(expression, time_format)) }}
{%- endmacro %}

{% macro default__try_timestamp(expression, time_format) -%}
    {%- set stamp = 'try_strptime(' ~ expression ~ ', ' ~ text_literal(time_format) ~ ')' -%}
    {%- set has_zone = '%z' in time_format or '%Z' in time_format -%}
    {{ "timezone('UTC', " ~ stamp ~ ')' if has_zone else stamp }}
{%- endmacro %}

{# One letter stands for one or two digits in Spark's patterns, as in strptime. #}
{% macro spark__try_timestamp(expression, time_format) -%}
    {%- set patterns = {
        '%d': 'd', '%m': 'M', '%Y': 'yyyy', '%y': 'yy', '%H': 'H', '%I': 'h', '%M': 'm',
        '%S': 's', '%f': 'SSSSSS', '%p': 'a', '%b': 'MMM', '%B': 'MMMM', '%a': 'E',
        '%A': 'EEEE', '%-d': 'd', '%-m': 'M', '%-H': 'H', '%z': 'xx', 'T': "'T'"
    } -%}
    {%- set java = namespace(pattern=time_format) -%}
    {%- for directive, letters in patterns.items() -%}
        {%- set java.pattern = java.pattern | replace(directive, letters) -%}
    {%- endfor -%}
    try_to_timestamp({{ expression }}, {{ text_literal(java.pattern) }})
{%- endmacro %}


{# From the zone that the file was written in to the zone that the business lives in. #}
{% macro in_zone(expression, from_zone, to_zone) -%}
    {{ return(adapter.dispatch('in_zone', 'topheavy')(expression, from_zone, to_zone)) }}
{%- endmacro %}

{% macro default__in_zone(expression, from_zone, to_zone) -%}
    timezone({{ text_literal(to_zone) }}, timezone({{ text_literal(from_zone) }}, {{ expression }}))
{%- endmacro %}

{% macro spark__in_zone(expression, from_zone, to_zone) -%}
    convert_timezone({{ text_literal(from_zone) }}, {{ text_literal(to_zone) }}, {{ expression }})
{%- endmacro %}


{# 1 is Monday, 7 is Sunday (ISO 8601). #}
{% macro iso_weekday(expression) -%}
    {{ return(adapter.dispatch('iso_weekday', 'topheavy')(expression)) }}
{%- endmacro %}

{% macro default__iso_weekday(expression) -%}
    cast(isodow({{ expression }}) as integer)
{%- endmacro %}

{% macro spark__iso_weekday(expression) -%}
    cast(weekday({{ expression }}) + 1 as integer)
{%- endmacro %}


{# --- numbers ------------------------------------------------------------------ #}

{# Linear interpolation between the two nearest values, as numpy and pandas default to. #}
{% macro quantile(expression, fraction) -%}
    {{ return(adapter.dispatch('quantile', 'topheavy')(expression, fraction)) }}
{%- endmacro %}

{# Cast first: quantile_cont on a decimal rounds its result to the decimal's scale. #}
{% macro default__quantile(expression, fraction) -%}
    quantile_cont(cast({{ expression }} as double), {{ fraction }})
{%- endmacro %}

{% macro spark__quantile(expression, fraction) -%}
    percentile(cast({{ expression }} as double), {{ fraction }})
{%- endmacro %}


{# --- relations ---------------------------------------------------------------- #}

{# Every day, or every whole number, from the first to the last: one row each. #}
{% macro day_series(first, last) -%}
    {{ return(adapter.dispatch('day_series', 'topheavy')(first, last)) }}
{%- endmacro %}

{% macro default__day_series(first, last) -%}
    unnest(generate_series({{ first }}, {{ last }}, interval 1 day))
{%- endmacro %}

{% macro spark__day_series(first, last) -%}
    explode(sequence({{ first }}, {{ last }}))
{%- endmacro %}


{% macro number_series(first, last) -%}
    {{ return(adapter.dispatch('number_series', 'topheavy')(first, last)) }}
{%- endmacro %}

{% macro default__number_series(first, last) -%}
    unnest(generate_series({{ first }}, {{ last }}))
{%- endmacro %}

{% macro spark__number_series(first, last) -%}
    explode(sequence({{ first }}, {{ last }}))
{%- endmacro %}


{# One whole number for the values of several columns: equal rows have equal numbers. #}
{% macro row_hash(columns) -%}
    {{ return(adapter.dispatch('row_hash', 'topheavy')(columns)) }}
{%- endmacro %}

{% macro default__row_hash(columns) -%}
    hash({{ columns | join(', ') }})
{%- endmacro %}

{% macro spark__row_hash(columns) -%}
    xxhash64({{ columns | join(', ') }})
{%- endmacro %}


{# A number with separators: 52,000 or, with two decimals, 52,000.00. #}
{% macro money_words(value, decimals=0) -%}
    {{ return(adapter.dispatch('money_words', 'topheavy')(value, decimals)) }}
{%- endmacro %}

{% macro default__money_words(value, decimals) -%}
    format('{:,.{{ decimals }}f}', round(cast({{ value }} as double), {{ decimals }}))
{%- endmacro %}

{% macro spark__money_words(value, decimals) -%}
    format_number(round(cast({{ value }} as double), {{ decimals }}), {{ decimals }})
{%- endmacro %}


{# The texts of a group as one, in an order: `a, b, c`. #}
{% macro joined_texts(expression, order_by) -%}
    {{ return(adapter.dispatch('joined_texts', 'topheavy')(expression, order_by)) }}
{%- endmacro %}

{% macro default__joined_texts(expression, order_by) -%}
    string_agg({{ expression }}, ', ' order by {{ order_by }})
{%- endmacro %}

{# Spark's aggregate has no order of its own: sort pairs, then keep their texts. #}
{% macro spark__joined_texts(expression, order_by) -%}
    array_join(
        transform(
            array_sort(collect_list(struct({{ order_by }} as place, {{ expression }} as words))),
            pair -> pair.words
        ),
        ', '
    )
{%- endmacro %}
