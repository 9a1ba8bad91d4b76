{# Functions that DuckDB and Spark SQL spell differently. Each has one public line with the bodies
   below it; otherwise the models use only what both engines have. #}

{# --- quoting ----------------------------------------------------------------- #}

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

{# In Java, a final $ also matches before a final line ending, and a dot does not match a carriage
   return. #}
{% macro spark__matches(expression, pattern) -%}
    {%- set to_the_end = pattern[:-1] ~ '\\z' if pattern.endswith('$') else pattern -%}
    {{ expression }} rlike {{ text_literal('(?d)' ~ to_the_end) }}
{%- endmacro %}


{# A text of a seed; NULL if its cell is empty. In a project that installed this one, dbt's own
   macro loads the seeds, which on Spark writes such a cell as the text None. #}
{% macro cell_of_seed(column) -%}
    {{ return(adapter.dispatch('cell_of_seed', 'topheavy')(column)) }}
{%- endmacro %}

{% macro default__cell_of_seed(column) -%}
    {{ return(column) }}
{%- endmacro %}

{% macro spark__cell_of_seed(column) -%}
    {{ return('nullif(' ~ column ~ ", 'None')") }}
{%- endmacro %}


{# In lower case, letter by letter: Java treats a final sigma and a dotted capital I differently. #}
{% macro lowered(expression) -%}
    {{ return(adapter.dispatch('lowered', 'topheavy')(expression)) }}
{%- endmacro %}

{% macro default__lowered(expression) -%}
    {{ return('lower(' ~ expression ~ ')') }}
{%- endmacro %}

{% macro spark__lowered(expression) -%}
    {{ return('lower(translate(' ~ expression ~ ", '\u03a3\u0130', '\u03c3i'))") }}
{%- endmacro %}


{# --- time --------------------------------------------------------------------- #}

{# The moment a number of days after another, to the second. #}
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

{# DuckDB rounds the double itself, and Spark rounds the digits that it is written with: 1.005,
   whose double is slightly smaller, is 1.00 in DuckDB and 1.01 in Spark. #}
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

{# Spark uses the digits that a double is written with; DuckDB uses the double times a power of ten
   and rounds halves away from zero (beyond 2^52 there are no halves). This macro does the same as
   DuckDB: it uses an integer, split at a power of two, which is exact. #}
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


{# Linear interpolation between the two nearest values, the default in numpy and pandas. #}
{% macro quantile(expression, fraction) -%}
    {{ return(adapter.dispatch('quantile', 'topheavy')(expression, fraction)) }}
{%- endmacro %}

{# The cast comes first: quantile_cont on a decimal rounds its result to the decimal's scale. #}
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


{# One integer for the values of several columns: equal rows have equal numbers. #}
{% macro row_hash(columns) -%}
    {{ return(adapter.dispatch('row_hash', 'topheavy')(columns)) }}
{%- endmacro %}

{% macro default__row_hash(columns) -%}
    hash({{ columns | join(', ') }})
{%- endmacro %}

{% macro spark__row_hash(columns) -%}
    xxhash64({{ columns | join(', ') }})
{%- endmacro %}


{# The key of a customer or product: a 63-bit hash of its id, because unsigned numbers cause
   problems in many clients. The same id always has the same key. #}
{% macro entity_key(id) -%}
    {{ return(adapter.dispatch('entity_key', 'topheavy')(id)) }}
{%- endmacro %}

{% macro default__entity_key(id) -%}
    case when {{ id }} is not null then cast(hash({{ id }}) >> 1 as bigint) end
{%- endmacro %}

{% macro spark__entity_key(id) -%}
    case when {{ id }} is not null then shiftrightunsigned(xxhash64({{ id }}), 1) end
{%- endmacro %}


{# The key of any other entity: sixty bits of a hash that is the same on both engines. There are few
   such entities. #}
{% macro attribute_key(text) -%}
    {{ return(adapter.dispatch('attribute_key', 'topheavy')(text)) }}
{%- endmacro %}

{% macro default__attribute_key(text) -%}
    cast('0x' || substr(md5({{ text }}), 1, 15) as bigint)
{%- endmacro %}

{% macro spark__attribute_key(text) -%}
    cast(conv(substr(md5({{ text }}), 1, 15), 16, 10) as bigint)
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

{# Spark's aggregate has no order of its own: sort pairs, then keep their texts. Without any text,
   the result would be an empty text. #}
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


