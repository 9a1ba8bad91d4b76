{# How Spark reads stamps by the formats of strptime. Its own parser has other rules for one
   and two digits, years of two digits, blanks, short names and what follows the seconds; so a
   pattern takes a text apart as strptime does, and the stamp is made of the parts. #}
{% macro spark__try_timestamp(expression, time_format) -%}
    {%- set known = spark_directives() -%}
    {%- set patterns, found = [], [] -%}
    {%- for token in modules.re.findall('%.|\\s+|.', spark_spelled_out(time_format)) -%}
        {%- if token.isspace() -%}
            {%- do patterns.append('\\s+') -%}
        {%- elif token[0] != '%' or token == '%%' -%}
            {%- do patterns.append(modules.re.escape(token[0])) -%}
        {%- elif token[1:] in known -%}
            {%- do patterns.append(known[token[1:]]) -%}
            {%- do found.append(token[1:]) -%}
        {%- else -%}
            {%- do exceptions.raise_compiler_error(
                "time_formats: '" ~ token ~ "' of '" ~ time_format ~ "' is not read on Spark; "
                ~ 'build on DuckDB, or write the stamps with %' ~ known | join(' %')
            ) -%}
        {%- endif -%}
    {%- endfor -%}
    {%- set pattern = text_literal('^\\s*' ~ patterns | join ~ '\\s*\\z') -%}
    {%- set texts = {} -%}
    {%- for directive in found -%}
        {%- do texts.update({
            directive: 'regexp_extract(' ~ expression ~ ', ' ~ pattern ~ ', ' ~ loop.index ~ ')'
        }) -%}
    {%- endfor -%}
    {{ return(spark_in_utc(spark_stamp(texts), texts)) }}
{%- endmacro %}


{# Formats that stand for others, and those that read the same with and without a dash. #}
{% macro spark_spelled_out(time_format) -%}
    {%- set spelled = namespace(text=time_format) -%}
    {%- for short, long in {
        '%-': '%', '%h': '%b', '%c': '%Y-%m-%d %H:%M:%S', '%x': '%Y-%m-%d', '%X': '%H:%M:%S',
        '%T': '%H:%M:%S'
    }.items() -%}
        {%- set spelled.text = spelled.text | replace(short, long) -%}
    {%- endfor -%}
    {{ return(spelled.text) }}
{%- endmacro %}


{# What each directive reads, one group each. As many digits as there are, without going back:
   that is how strptime reads `%Y%m%d`. #}
{% macro spark_directives() -%}
    {%- set two = '([0-9]{1,2}+)' -%}
    {{ return({
        'Y': '([0-9]{1,4}+)', 'y': two, 'm': two, 'd': two, 'H': two, 'M': two,
        'j': '([0-9]{1,3}+)',
        'I': '(0?[1-9]|1[0-2])', 'S': '([0-5]?[0-9])', 'f': '([0-9]{1,6})', 'g': '([0-9]{1,3})',
        'n': '([0-9]{1,9})', 'p': '(?i:([ap])m)',
        'b': '(?i:(' ~ spark_names(spark_months(), 3) | join('|') ~ '))',
        'B': '(?i:(' ~ spark_months() | join('|') ~ '))',
        'a': '(?i:(mon|tue|wed|thu|fri|sat|sun))',
        'A': '(?i:(monday|tuesday|wednesday|thursday|friday|saturday|sunday))',
        'z': '([+-][0-9]{2}(?::?[0-9]{2}){0,2})', 'Z': '([A-Za-z0-9_/+-]+)'
    }) }}
{%- endmacro %}


{% macro spark_months() -%}
    {{ return([
        'january', 'february', 'march', 'april', 'may', 'june', 'july', 'august', 'september',
        'october', 'november', 'december'
    ]) }}
{%- endmacro %}


{% macro spark_names(names, letters) -%}
    {%- set short = [] -%}
    {%- for name in names -%} {%- do short.append(name[:letters]) -%} {%- endfor -%}
    {{ return(short) }}
{%- endmacro %}


{# The local time that the texts of the directives make; NULL where there is no such time. #}
{% macro spark_stamp(texts) -%}
    {%- set numbers = {} -%}
    {%- for directive, text in texts.items() -%}
        {%- do numbers.update({directive: 'try_cast(' ~ text ~ ' as integer)'}) -%}
    {%- endfor -%}
    {%- set year = numbers.get('Y', '1900') -%}
    {%- if 'y' in texts -%}
        {%- set year = numbers['y'] ~ ' + if(' ~ numbers['y'] ~ ' < 69, 2000, 1900)' -%}
    {%- endif -%}
    {%- set month = numbers.get('m', '1') -%}
    {%- if 'b' in texts or 'B' in texts -%}
        {# Three letters tell the months apart. #}
        {%- set names = spark_names(spark_months(), 3) | join("', '") -%}
        {%- set month = "cast(array_position(array('" ~ names
            ~ "'), lower(substr(" ~ texts.get('b', texts.get('B')) ~ ', 1, 3))) as integer)' -%}
    {%- endif -%}
    {%- set hour = numbers.get('H', numbers.get('I', '0')) -%}
    {%- if 'p' in texts -%}
        {%- set hour = 'if(' ~ hour ~ ' <= 12, ' ~ hour ~ ' % 12 + if(lower(' ~ texts['p']
            ~ ") = 'p', 12, 0), null)" -%}
    {%- endif -%}
    {%- set second = 'try_cast(' ~ texts.get('S', "'0'") ~ ' as decimal(16, 6))' -%}
    {%- set fraction = texts.get('f', texts.get('g', texts.get('n'))) -%}
    {%- if fraction -%}
        {%- set second = second ~ " + try_cast(concat('0.', substr(" ~ fraction
            ~ ', 1, 6)) as decimal(16, 6))' -%}
    {%- endif -%}
    {%- set stamp = 'try_make_timestamp(' ~ [
        year, month, numbers.get('d', '1'), hour, numbers.get('M', '0'), second
    ] | join(', ') ~ ')' -%}
    {{ return(
        stamp ~ ' + make_interval(0, 0, 0, ' ~ numbers['j'] ~ ' - 1)' if 'j' in texts else stamp
    ) }}
{%- endmacro %}


{# A stamp that names its zone, in UTC. Spark would stop at a name that is no zone. #}
{% macro spark_in_utc(stamp, texts) -%}
    {%- if 'z' in texts -%}
        {%- set digits = "rpad(replace(" ~ texts['z'] ~ ", ':', ''), 7, '0')" -%}
        {{ return(
            'timestampadd(second, if(' ~ digits ~ " like '-%', 1, -1) * (3600 * try_cast(substr("
            ~ digits ~ ', 2, 2) as integer) + 60 * try_cast(substr(' ~ digits
            ~ ', 4, 2) as integer) + try_cast(substr(' ~ digits ~ ', 6, 2) as integer)), '
            ~ stamp ~ ')'
        ) }}
    {%- elif 'Z' in texts -%}
        {%- set zone = 'if(' ~ texts['Z'] ~ " like '%/%', " ~ texts['Z'] ~ ', upper(' ~ texts['Z']
            ~ '))' -%}
        {{ return(
            'case when ' ~ zone ~ " like '%/%' or " ~ zone ~ " in ('UTC', 'GMT', 'UCT', 'CET', "
            ~ "'EET', 'WET', 'MET', 'EST', 'CST', 'MST', 'PST', 'HST', 'JST', 'IST') then "
            ~ 'cast(convert_timezone(' ~ zone ~ ", 'UTC', " ~ stamp ~ ') as timestamp) end'
        ) }}
    {%- endif -%}
    {{ return(stamp) }}
{%- endmacro %}
