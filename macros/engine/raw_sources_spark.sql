{# How the mapping's files become source('raw', ...) on Spark. Its readers take their options
   from a table only, so files that lie in one folder under one header are an external table
   each, and a block is a view over its tables. Nothing is copied. #}
{% macro spark__create_raw_sources() -%}
    {%- set raw = source('raw', 'interactions').schema -%}
    {%- do run_query('drop database if exists ' ~ raw ~ ' cascade') -%}
    {%- do run_query('create database ' ~ raw) -%}
    {%- do spark_list_files() -%}
    {%- set malformed = [] -%}
    {%- for block in ['interactions', 'orders', 'customers', 'products'] -%}
        {%- set alike, reads = {}, [] -%}
        {%- for file in spark_files(block) -%}
            {%- set header = spark_header(block, file) -%}
            {%- set key = header | string ~ file.folder -%}
            {%- do alike.setdefault(key, {'header': header, 'files': []}).files.append(file) -%}
        {%- endfor -%}
        {%- for group in alike.values() -%}
            {%- set table = raw ~ '.' ~ block ~ '_' ~ loop.index -%}
            {%- set found = spark_reader(block, table, group) -%}
            {%- do run_query(found.create) -%}
            {%- do reads.append(spark_read(block, found)) -%}
            {%- if 'malformed' in found -%}
                {%- do malformed.append(found.malformed) -%}
            {%- endif -%}
        {%- endfor -%}
        {%- do run_query(
            'create view ' ~ source('raw', block) ~ ' as '
            ~ (reads | join(' union all ') or nothing_to_read(block))
        ) -%}
    {%- endfor -%}
    {%- do run_query(
        'create view ' ~ source('raw', 'malformed_lines') ~ ' as '
        ~ (malformed | join(' union all ') or spark_no_malformed_lines())
    ) -%}
{%- endmacro %}


{# source('raw', 'files') as list_files makes it. Every build on Spark reads all of them. #}
{% macro spark_list_files() -%}
    {%- set list = env_var('TOPHEAVY_FILES', '') -%}
    {%- set rows = [] -%}
    {%- if not list -%}
        {%- for block in ['interactions', 'orders', 'customers', 'products'] -%}
            {%- for file in spark_named_files(block) -%}
                {%- do rows.append(
                    'select ' ~ text_literal(block) ~ ' as block, ' ~ text_literal(file.name)
                    ~ ' as source_file, ' ~ text_literal(file.path) ~ ' as read_file, '
                    ~ file.byte_count ~ ' as byte_count, cast(null as string) as sha256, '
                    ~ (rows | length + 1) ~ ' as file_key, cast(null as string) as recipe, '
                    ~ 'cast(null as string) as header'
                ) -%}
            {%- endfor -%}
        {%- endfor -%}
    {%- endif -%}
    {%- do run_query(
        'create table ' ~ source('raw', 'files') ~ ' using parquet as select block, source_file, '
        ~ 'read_file, cast(byte_count as bigint) as byte_count, sha256, '
        ~ 'cast(file_key as bigint) as file_key, true as is_new, recipe, header from '
        ~ ('json.' ~ quoted(list) if list else '(' ~ rows | join(' union all ') ~ ')')
    ) -%}
{%- endmacro %}


{# The files that the mapping names for a block, as named_files gives them, each with its size
   and the path that Spark knows it by. SQL can list what a reader would read, and binaryFile
   reads anything; patterns are matched here, for Hadoop reads braces and backslashes as well. #}
{% macro spark_named_files(block) -%}
    {%- set files = mapped_block(block).get('files') or [] -%}
    {%- set folder = env_var('TOPHEAVY_DATA', var('mapping').get('folder') or '') -%}
    {%- set found = {} -%}
    {%- for pattern in ([files] if files is string else files) -%}
        {%- set is_whole = pattern.startswith('/') or not folder -%}
        {%- set path = pattern if is_whole else folder ~ '/' ~ pattern -%}
        {%- if '**' in path -%}
            {%- do exceptions.raise_compiler_error(
                block ~ ": '" ~ pattern ~ "' looks into folders of any depth, which Spark"
                ~ ' cannot by itself; build with make build TARGET=spark, or name the levels, '
                ~ 'such as */*.csv'
            ) -%}
        {%- endif -%}
        {%- set fixed = modules.re.match('(?:[^*?[]*/)?', path).group() -%}
        {%- set depth = path[fixed | length:].count('/') + 1 -%}
        {%- set matching = '^' ~ spark_pattern(path[fixed | length:]) ~ '$' -%}
        {%- for uri, byte_count in run_query(
            'select path, length from binaryFile.' ~ quoted(
                modules.re.sub('([*?{}\\[\\]\\\\])', '\\\\\\1', fixed)
                ~ (['*'] * depth) | join('/')
            )
        ).rows -%}
            {%- set name = uri.split('/')[-depth:] | join('/') -%}
            {%- if name == path[fixed | length:] or modules.re.match(matching, name) -%}
                {%- do found.setdefault(fixed ~ name, {
                    'name': fixed ~ name, 'path': uri, 'byte_count': byte_count
                }) -%}
            {%- endif -%}
        {%- endfor -%}
    {%- endfor -%}
    {%- if files and not found -%}
        {%- do exceptions.raise_compiler_error(
            block ~ ': no file matches ' ~ files ~ " in folder '" ~ folder
            ~ "'; set `folder` or TOPHEAVY_DATA"
        ) -%}
    {%- endif -%}
    {{ return(found.values() | sort(attribute='name', case_sensitive=true) | list) }}
{%- endmacro %}


{# The files of a block to read, in name order, each with its name, its folder and its header
   where the list has it. #}
{% macro spark_files(block) -%}
    {%- set found = [] -%}
    {%- for row in run_query(
        'select read_file, header from ' ~ source('raw', 'files') ~ ' where block = '
        ~ text_literal(block) ~ ' order by source_file'
    ).rows -%}
        {%- set parts = row[0].split('/') -%}
        {%- do found.append({
            'file': parts[-1], 'folder': parts[:-1] | join('/'), 'listed': row[1]
        }) -%}
    {%- endfor -%}
    {{ return(found) }}
{%- endmacro %}


{# A pattern of files as a regular expression. #}
{% macro spark_pattern(pattern) -%}
    {{ return(
        modules.re.escape(pattern) | replace('\\*', '[^/]*') | replace('\\?', '[^/]')
        | replace('\\[', '[') | replace('\\]', ']') | replace('\\-', '-')
    ) }}
{%- endmacro %}


{# A file by its very name where Spark expects a pattern. #}
{% macro spark_path(file) -%}
    {{ return(quoted(
        modules.re.sub('([*?{}\\[\\]\\\\])', '\\\\\\1', file.folder ~ '/' ~ file.file)
    )) }}
{%- endmacro %}


{# The names of a file's columns, as read_header gives them. #}
{% macro spark_header(block, file) -%}
    {%- set mapped = mapped_block(block) -%}
    {%- if file.file.endswith('.parquet') -%}
        {%- set header = [] -%}
        {%- for column in run_query(
            'describe query select * from parquet.' ~ spark_path(file)
        ).rows -%}
            {%- do header.append([column[0], column[1]]) -%}
        {%- endfor -%}
        {{ return(header) }}
    {%- endif -%}
    {%- if mapped.get('skip_lines') or (mapped.get('encoding') or 'utf-8') != 'utf-8' -%}
        {%- do exceptions.raise_compiler_error(
            block ~ ': Spark reads UTF-8 from the header on; build ' ~ file.file
            ~ ' with make build TARGET=spark, which copies it so'
        ) -%}
    {%- endif -%}
    {%- set first = run_query('select value from text.' ~ spark_path(file) ~ ' limit 1') -%}
    {%- set line = first.rows[0][0] | replace('\ufeff', '') -%}
    {%- if mapped.get('delimiter') == 'whitespace' -%}
        {{ return(line.split()) }}
    {%- endif -%}
    {%- set quote = mapped.get('quote', '"') -%}
    {%- if quote and line.count(quote) % 2 -%}
        {{ return(column_names(spark_header_of_lines(block, file), file.listed)) }}
    {%- endif -%}
    {%- set quote = modules.re.escape(quote or '\x00') -%}
    {%- set delimiter = modules.re.escape(mapped.get('delimiter') or ',') -%}
    {%- set header = [] -%}
    {%- for plain, text in modules.re.findall(
        '(?:^|' ~ delimiter ~ ')(?:' ~ quote ~ '((?:[^' ~ quote ~ ']|' ~ quote ~ quote ~ ')*)'
        ~ quote ~ '|([^' ~ delimiter ~ ']*))', line
    ) -%}
        {%- do header.append(plain | replace('""', '"') or text) -%}
    {%- endfor -%}
    {{ return(column_names(header, file.listed)) }}
{%- endmacro %}


{# A header in which a quoted name goes on in the next line takes a table to read. #}
{% macro spark_header_of_lines(block, file) -%}
    {%- set table = source('raw', 'interactions').schema ~ '.header' -%}
    {%- set slots = [] -%}
    {%- for slot in range(1000) -%} {%- do slots.append('h' ~ slot ~ ' string') -%} {%- endfor -%}
    {%- set options = spark_csv_options(block) -%}
    {%- do options.update({
        'path': file.folder, 'header': 'false', 'nullValue': '\x1f', '__globPaths__': 'false',
        'pathGlobFilter': modules.re.sub('([*?{}\\[\\]\\\\,])', '\\\\\\1', file.file)
    }) -%}
    {%- do run_query(spark_external_table(table, 'csv', slots, options)) -%}
    {%- set header = run_query('select * from ' ~ table ~ ' limit 1').rows[0].values() -%}
    {%- do run_query('drop table ' ~ table) -%}
    {{ return(header | reject('none') | list) }}
{%- endmacro %}


{# The table that reads files of one header: how it is made, its columns as csv_reader gives
   them, the number of a row, and the lines that were set aside. #}
{% macro spark_reader(block, table, group) -%}
    {%- set names = [] -%}
    {%- for file in group.files -%}
        {%- do names.append(modules.re.sub('([*?{}\\[\\]\\\\,])', '\\\\\\1', file.file)) -%}
    {%- endfor -%}
    {%- set options = {
        'path': group.files[0].folder,
        'pathGlobFilter': '{' ~ names | join(',') ~ '}',
        '__globPaths__': 'false'
    } -%}
    {# What is met on the way to a file's name is written as in a URL. #}
    {%- set source_file = 'concat(' ~ text_literal(group.files[0].folder ~ '/')
        ~ ", url_decode(replace(_metadata.file_name, '+', '%2B')))" -%}
    {%- if group.files[0].file.endswith('.parquet') -%}
        {{ return(spark_parquet_reader(table, group, options, source_file)) }}
    {%- elif mapped_block(block).get('delimiter') == 'whitespace' -%}
        {{ return(spark_whitespace_reader(table, group, options, source_file)) }}
    {%- endif -%}
    {{ return(spark_csv_reader(block, table, group, options, source_file)) }}
{%- endmacro %}


{# A quoted text may hold line ends, so a file is read by one task. A line with too many or too
   few fields comes with its text in `malformed`; that costs reading all columns. #}
{% macro spark_csv_reader(block, table, group, options, source_file) -%}
    {%- set quote = mapped_block(block).get('quote', '"') -%}
    {%- do options.update(spark_csv_options(block)) -%}
    {%- do options.update({
        'header': 'true', 'columnPruning': 'false', 'columnNameOfCorruptRecord': 'malformed'
    }) -%}
    {%- set columns, types = [], [] -%}
    {%- for header in group.header -%}
        {%- do columns.append({'header': header, 'text': "coalesce(c" ~ loop.index ~ ", '')"}) -%}
        {%- do types.append('c' ~ loop.index ~ ' string') -%}
    {%- endfor -%}
    {%- do types.append('malformed string') -%}
    {# Spark refuses to read `malformed` alone: beside it stands nothing of the first column. #}
    {%- set placed = "(select *, concat(malformed, left(coalesce(c1, ''), 0)) as set_aside, "
        ~ source_file ~ ' as filename, _metadata.file_block_start as block_start, '
        ~ 'monotonically_increasing_id() as place from ' ~ table ~ ')' -%}
    {%- set lines_above = 1 + mapped_block(block).get('lines_left_out', 0) -%}
    {%- set numbers = 'cast(row_number() over (partition by filename order by block_start, place) '
        ~ 'as bigint)' -%}
    {{ return({
        'create': spark_external_table(table, 'csv', types, options),
        'columns': columns, 'row_number': numbers,
        'relation': '(select * from ' ~ placed ~ ' where set_aside is null)',
        'malformed': "select '" ~ block ~ "' as block, _source_file as source_file, "
            ~ '_file_key as file_key, '
            ~ 'line as source_row, set_aside as raw_text, '
            ~ "case when (length(set_aside) - length(replace(set_aside, '" ~ quote
            ~ "', ''))) % 2 = 1 then 'unterminated quote' "
            ~ "else 'another number of fields than the header' end as detail "
            ~ 'from (select *, ' ~ numbers ~ ' + ' ~ lines_above ~ ' as line from ' ~ placed ~ ')'
            ~ spark_file_provenance(block) ~ ' where set_aside is not null'
    }) }}
{%- endmacro %}


{# The options of its reader that a block's mapping sets. #}
{% macro spark_csv_options(block) -%}
    {%- set quote = mapped_block(block).get('quote', '"') -%}
    {{ return({
        'multiLine': 'true', 'sep': mapped_block(block).get('delimiter') or ',',
        'quote': quote, 'escape': quote or '\x00'
    }) }}
{%- endmacro %}


{# Columns apart by runs of blanks, as whitespace_reader has them. #}
{% macro spark_whitespace_reader(table, group, options, source_file) -%}
    {%- set split = "split(" ~ trimmed('value') ~ ", '\\\\s+')" -%}
    {%- set columns = [] -%}
    {%- for header in group.header -%}
        {%- do columns.append({
            'header': header, 'text': "coalesce(fields[" ~ (loop.index - 1) ~ "], '')"
        }) -%}
    {%- endfor -%}
    {%- set placed = '(select value as line, ' ~ source_file ~ ' as filename, '
        ~ '_metadata.file_block_start as block_start, '
        ~ 'monotonically_increasing_id() as place, case when size(' ~ split ~ ') = '
        ~ columns | length ~ ' then ' ~ split ~ ' end as fields from ' ~ table ~ ')' -%}
    {{ return({
        'create': spark_external_table(table, 'text', ['value string'], options),
        'columns': columns, 'raw_text': 'line', 'row_number': 'line_number - 1',
        'relation': '(select * from (select *, cast(row_number() over '
            ~ '(partition by filename order by block_start, place) as bigint) as line_number '
            ~ 'from ' ~ placed ~ ') where line_number > 1)'
    }) }}
{%- endmacro %}


{# Typed columns come as text, as parquet_reader has them. #}
{% macro spark_parquet_reader(table, group, options, source_file) -%}
    {%- set columns, types = [], [] -%}
    {%- for name, type in group.header -%}
        {%- set text = spark_double_words(quoted(name)) if type in ('double', 'float')
            else 'cast(' ~ quoted(name) ~ ' as string)' -%}
        {%- do columns.append({'header': name, 'text': 'coalesce(' ~ text ~ ", '')"}) -%}
        {%- do types.append(quoted(name) ~ ' ' ~ type) -%}
    {%- endfor -%}
    {{ return({
        'create': spark_external_table(table, 'parquet', types, options),
        'columns': columns, 'row_number': 'row_index + 1',
        'relation': '(select *, ' ~ source_file ~ ' as filename, '
            ~ '_metadata.row_index as row_index from ' ~ table ~ ')'
    }) }}
{%- endmacro %}


{# A double as DuckDB writes it: with all digits where Spark would take a power of ten. #}
{% macro spark_double_words(number) -%}
    {{ return(
        'case when abs(' ~ number ~ ') >= 1e-4D and abs(' ~ number ~ ') < 1e16D then '
        ~ 'regexp_replace(cast(cast(' ~ number ~ " as decimal(38, 21)) as string), "
        ~ "'([.][0-9]+?)0+$', '$1') else cast(" ~ number ~ ' as string) end'
    ) }}
{%- endmacro %}


{% macro spark_external_table(table, format, columns, options) -%}
    {%- set settings = [] -%}
    {%- for name, value in options.items() -%}
        {%- do settings.append(text_literal(name) ~ ' ' ~ text_literal(value)) -%}
    {%- endfor -%}
    {{ return(
        'create table ' ~ table ~ ' (' ~ columns | join(', ') ~ ') using ' ~ format
        ~ ' options (' ~ settings | join(', ') ~ ')'
    ) }}
{%- endmacro %}


{# A table's rows by the mapped names, with their provenance: what read_files selects. #}
{% macro spark_read(block, found) -%}
    {%- set present, texts = {}, [] -%}
    {%- for column in found.columns -%}
        {%- do present.setdefault(column.header, column.text) -%}
        {%- do present.setdefault(column.header | trim, column.text) -%}
        {%- do texts.append(column.text) -%}
    {%- endfor -%}
    {{ return(
        'select ' ~ mapped_selection(block, present) ~ ', _source_file, _file_key, '
        ~ found.row_number ~ ' as _source_row, '
        ~ found.get('raw_text', "concat_ws(',', " ~ texts | join(', ') ~ ')') ~ ' as _raw_text, '
        ~ is_blank([found.raw_text] if 'raw_text' in found else texts) ~ ' as _is_blank from '
        ~ found.relation ~ spark_file_provenance(block)
    ) }}
{%- endmacro %}


{# The join that finds which file a row is of. #}
{% macro spark_file_provenance(block) -%}
    {{ return(
        ' inner join (select source_file as _source_file, file_key as _file_key, '
        ~ 'read_file as _read_file from ' ~ source('raw', 'files') ~ ' where block = '
        ~ text_literal(block) ~ ') on filename = _read_file'
    ) }}
{%- endmacro %}


{% macro spark_no_malformed_lines() -%}
    {{ return(
        "select cast(null as string) as block, cast(null as string) as source_file, "
        ~ 'cast(null as bigint) as file_key, cast(null as bigint) as source_row, '
        ~ 'cast(null as string) as raw_text, '
        ~ 'cast(null as string) as detail where false'
    ) }}
{%- endmacro %}
