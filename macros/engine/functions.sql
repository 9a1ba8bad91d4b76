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

{# In Java a final $ may stand before a last line end, and a dot is not a carriage return. #}
{% macro spark__matches(expression, pattern) -%}
    {%- set to_the_end = pattern[:-1] ~ '\\z' if pattern.endswith('$') else pattern -%}
    {{ expression }} rlike {{ text_literal('(?d)' ~ to_the_end) }}
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
    {{ return("trim(both '" ~ blanks() ~ "' from " ~ expression ~ ')') }}
{%- endmacro %}


{# True of texts that begin with a visible letter of ASCII. By its number: letters compare slower,
   and DuckDB 2.0.0 fails on `split_part(NULL, ...) >= '!'` below a window. #}
{% macro starts_visibly(expression) -%}
    {{ return(first_letter_number(expression) ~ ' between 33 and 126') }}
{%- endmacro %}

{% macro first_letter_number(expression) -%}
    {{ return(adapter.dispatch('first_letter_number', 'topheavy')(expression)) }}
{%- endmacro %}

{% macro default__first_letter_number(expression) -%}
    {{ return('unicode(' ~ expression ~ ')') }}
{%- endmacro %}

{% macro spark__first_letter_number(expression) -%}
    {{ return('ascii(' ~ expression ~ ')') }}
{%- endmacro %}


{% macro blanks() -%}
    {{ return(
        ' \t\r\n\f\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a'
        ~ '\u2028\u2029\u202f\u205f\u3000\u200b\ufeff'
    ) }}
{%- endmacro %}


{# In lower case letter by letter: Java writes a last sigma and a dotted capital I otherwise. #}
{% macro lowered(expression) -%}
    {{ return(adapter.dispatch('lowered', 'topheavy')(expression)) }}
{%- endmacro %}

{% macro default__lowered(expression) -%}
    {{ return('lower(' ~ expression ~ ')') }}
{%- endmacro %}

{% macro spark__lowered(expression) -%}
    {{ return('lower(translate(' ~ expression ~ ", '\u03a3\u0130', '\u03c3i'))") }}
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

{# On Spark: timestamps_spark.sql. #}


{# From the zone that the file was written in to the zone that the business lives in. #}
{% macro in_zone(expression, from_zone, to_zone) -%}
    {{ return(adapter.dispatch('in_zone', 'topheavy')(expression, from_zone, to_zone)) }}
{%- endmacro %}

{% macro default__in_zone(expression, from_zone, to_zone) -%}
    timezone({{ text_literal(to_zone) }}, timezone({{ text_literal(from_zone) }}, {{ expression }}))
{%- endmacro %}

{# Of the hour that comes twice in autumn Java takes the first, DuckDB the second. #}
{% macro spark__in_zone(expression, from_zone, to_zone) -%}
    {%- set zones = text_literal(from_zone) ~ ", 'UTC', " -%}
    {%- set first = 'convert_timezone(' ~ zones ~ expression ~ ')' -%}
    {%- set second = first ~ ' + interval 1 hour' -%}
    cast(convert_timezone(
        'UTC', {{ text_literal(to_zone) }},
        case
            when convert_timezone('UTC', {{ text_literal(from_zone) }}, {{ second }})
                = {{ expression }} then {{ second }}
            else {{ first }}
        end
    ) as timestamp)
{%- endmacro %}


{# So many days after a moment, to the second. #}
{% macro days_after(moment, days) -%}
    {{ return(adapter.dispatch('days_after', 'topheavy')(moment, days)) }}
{%- endmacro %}

{% macro default__days_after(moment, days) -%}
    {{ moment }} + to_seconds(cast(round(({{ days }}) * 86400) as bigint))
{%- endmacro %}

{% macro spark__days_after(moment, days) -%}
    timestampadd(second, cast(round(({{ days }}) * 86400) as int), {{ moment }})
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

{# A text as a number of a type; NULL where it is none. #}
{% macro try_number(expression, type) -%}
    {{ return(adapter.dispatch('try_number', 'topheavy')(expression, type)) }}
{%- endmacro %}

{% macro default__try_number(expression, type) -%}
    try_cast({{ expression }} as {{ type }})
{%- endmacro %}

{# Spark takes the digits of every script, no `1_000`, and cuts whole numbers off instead of
   rounding them. #}
{% macro spark__try_number(expression, type) -%}
    {%- set plain -%}
        case
            when {{ matches(
                expression,
                '^\\s*[+-]?([0-9]+(_[0-9]+)*([.][0-9]*)?|[.][0-9]+)([eE][+-]?[0-9]{1,3})?\\s*$'
            ) }} then replace({{ expression }}, '_', '')
        end
    {%- endset -%}
    {%- if type == 'integer' -%}
        try_cast(round(try_cast({{ plain }} as decimal(38, 10))) as integer)
    {%- else -%}
        try_cast({{ plain }} as {{ type }})
    {%- endif -%}
{%- endmacro %}


{# A double as a decimal. #}
{% macro rounded(expression, precision, scale) -%}
    {{ return(adapter.dispatch('rounded', 'topheavy')(expression, precision, scale)) }}
{%- endmacro %}

{% macro default__rounded(expression, precision, scale) -%}
    cast({{ expression }} as decimal({{ precision }}, {{ scale }}))
{%- endmacro %}

{% macro spark__rounded(expression, precision, scale) -%}
    cast({{ spark_rounded(expression, scale) }} as decimal({{ precision }}, {{ scale }}))
{%- endmacro %}

{# DuckDB rounds the double itself, Spark the digits that it is written with: 1.005, which is a
   little less than that, is 1.00 for the one and 1.01 for the other. #}
{% macro spark_rounded(expression, scale) -%}
    {%- set unit = 10 ** scale ~ 'D' -%}
    sign({{ expression }}) * floor(abs({{ expression }}) * {{ unit }} + 0.5D) / {{ unit }}
{%- endmacro %}


{# A sum of doubles in fixed point: decimals add up to the same digits in any order, on any
   number of threads, on both engines. `scale` is the number of decimals kept: 20 for terms
   up to 1e16, 30 for terms that are parts of 1. #}
{% macro exact_sum(expression, scale=20) -%}
    {{ return(adapter.dispatch('exact_sum', 'topheavy')(expression, scale)) }}
{%- endmacro %}

{% macro default__exact_sum(expression, scale) -%}
    cast(sum(cast({{ expression }} as decimal(38, {{ scale }}))) as double)
{%- endmacro %}

{# Spark takes a double for the digits that it is written with, DuckDB for what it is times a
   power of ten, a half away from zero; beyond 2^52 there are no halves. So here, too: as a whole
   number, taken apart at a power of two, which is exact. #}
{% macro spark__exact_sum(expression, scale) -%}
    {%- set parted_at = 2 ** 60 -%}
    {%- set units = '(' ~ expression ~ ') * 1e' ~ scale -%}
    {%- set low = '(' ~ units ~ ' % ' ~ parted_at ~ ')' -%}
    cast(concat(cast(sum(
        cast(cast(({{ units }} - {{ low }}) / {{ parted_at }} as bigint) as decimal(20, 0))
        * {{ parted_at }}
        + cast({{ low }} + if(abs({{ low }}) < {{ 2 ** 52 }}, 0.5D, 0D) * sign({{ low }}) as bigint)
    ) as string), 'e-{{ scale }}') as double)
{%- endmacro %}


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


{# The key of a customer, a product or another entity: a hash of its id in 63 bits, as unsigned
   numbers trouble many clients. The same id has the same key whatever else there is. #}
{% macro entity_key(id) -%}
    {{ return(adapter.dispatch('entity_key', 'topheavy')(id)) }}
{%- endmacro %}

{% macro default__entity_key(id) -%}
    case when {{ id }} is not null then cast(hash({{ id }}) >> 1 as bigint) end
{%- endmacro %}

{% macro spark__entity_key(id) -%}
    case when {{ id }} is not null then shiftrightunsigned(xxhash64({{ id }}), 1) end
{%- endmacro %}


{# A number with separators: 52,000 or, with two decimals, 52,000.00. #}
{% macro money_words(value, decimals=0) -%}
    {{ return(adapter.dispatch('money_words', 'topheavy')(value, decimals)) }}
{%- endmacro %}

{% macro default__money_words(value, decimals) -%}
    format('{:,.{{ decimals }}f}', round(cast({{ value }} as double), {{ decimals }}))
{%- endmacro %}

{% macro spark__money_words(value, decimals) -%}
    format_number({{ spark_rounded('cast(' ~ value ~ ' as double)', decimals) }}, {{ decimals }})
{%- endmacro %}


{# The texts of a group as one, in an order: `a, b, c`. #}
{% macro joined_texts(expression, order_by) -%}
    {{ return(adapter.dispatch('joined_texts', 'topheavy')(expression, order_by)) }}
{%- endmacro %}

{% macro default__joined_texts(expression, order_by) -%}
    string_agg({{ expression }}, ', ' order by {{ order_by }})
{%- endmacro %}

{# Spark's aggregate has no order of its own: sort pairs, then keep their texts. No text at all
   would join to an empty one. #}
{% macro spark__joined_texts(expression, order_by) -%}
    case
        when count({{ expression }}) > 0 then array_join(
            transform(
                array_sort(
                    collect_list(struct({{ order_by }} as place, {{ expression }} as words))
                ),
                pair -> pair.words
            ),
            ', '
        )
    end
{%- endmacro %}


{# The last value that is not NULL, from the first row of a part up to this one. #}
{% macro last_filled(expression, parts, places) -%}
    {{ return(adapter.dispatch('last_filled', 'topheavy')(expression, parts, places)) }}
{%- endmacro %}

{% macro default__last_filled(expression, parts, places) -%}
    last_value({{ expression }} ignore nulls) over (
        partition by {{ parts }} order by {{ places }}
        rows between unbounded preceding and current row
    )
{%- endmacro %}

{% macro spark__last_filled(expression, parts, places) -%}
    last_value({{ expression }}, true) over (
        partition by {{ parts }} order by {{ places }}
        rows between unbounded preceding and current row
    )
{%- endmacro %}
