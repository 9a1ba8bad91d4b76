{# Makes the mapping's files readable as source('raw', ...): one view per block with the
   mapped columns as text, and where each row came from. Nothing is copied. #}
{% macro create_raw_sources() -%}
    {%- if execute -%}
        {%- do adapter.dispatch('create_raw_sources', 'topheavy')() -%}
    {%- endif -%}
{%- endmacro %}


{% macro default__create_raw_sources() -%}
    {%- do run_query('create schema if not exists work.raw') -%}
    {%- do run_query(
        'create or replace table work.raw.malformed_lines '
        ~ '(block varchar, source_file varchar, source_row bigint, '
        ~ 'raw_text varchar, detail varchar)'
    ) -%}
    {%- for block in ['interactions', 'orders', 'customers', 'products'] -%}
        {%- set reads = [] -%}
        {%- for file in raw_files(block) -%}
            {%- do reads.append(read_file(block, file)) -%}
        {%- endfor -%}
        {%- do run_query(
            'create or replace view work.raw.' ~ block ~ ' as '
            ~ (reads | join(' union all ') or nothing_to_read(block))
        ) -%}
    {%- endfor -%}
{%- endmacro %}


{# The files of a block, globs resolved, in name order. #}
{% macro raw_files(block) -%}
    {%- set files = mapped_block(block).get('files') or [] -%}
    {%- set folder = env_var('TOPHEAVY_DATA', var('mapping').get('folder') or '') -%}
    {%- set found = [] -%}
    {%- for pattern in ([files] if files is string else files) -%}
        {%- set is_whole = pattern.startswith('/') or not folder -%}
        {%- set path = pattern if is_whole else folder ~ '/' ~ pattern -%}
        {%- set matches = run_query(
            'select file from glob(' ~ file_literal(path) ~ ') union all select file from glob('
            ~ text_literal(path) ~ ') order by file'
        ).rows | map(attribute=0) | list -%}
        {%- do found.extend([path] if path in matches else matches) -%}
    {%- endfor -%}
    {%- if files and not found -%}
        {%- do exceptions.raise_compiler_error(
            block ~ ': no file matches ' ~ files ~ " in folder '" ~ folder
            ~ "'; set `folder` or TOPHEAVY_DATA"
        ) -%}
    {%- endif -%}
    {{ return(found | unique(case_sensitive=true) | list) }}
{%- endmacro %}


{# A file by its very name: what would be a pattern in it is taken as it stands. #}
{% macro file_literal(file) -%}
    {{ return(text_literal(
        file | replace('[', '[[]') | replace('*', '[*]') | replace('?', '[?]')
    )) }}
{%- endmacro %}


{# The options of read_csv that a block's mapping sets. Nothing is guessed from the data:
   the same file is always read the same way. #}
{% macro read_csv_options(block) -%}
    {%- set mapped = mapped_block(block) -%}
    {{ return(
        'auto_detect = false, delim = ' ~ text_literal(mapped.get('delimiter') or ',')
        ~ ', quote = ' ~ text_literal(mapped.get('quote', '"'))
        ~ ', escape = ' ~ text_literal(mapped.get('quote', '"'))
        ~ ', encoding = ' ~ text_literal(mapped.get('encoding') or 'utf-8')
    ) }}
{%- endmacro %}


{# One file as a select: its mapped columns by their mapped names (NULL where this file has
   no such column), and where each row came from. #}
{% macro read_file(block, file) -%}
    {%- if file.endswith('.parquet') -%}
        {%- set found = parquet_reader(file) -%}
    {%- elif mapped_block(block).get('delimiter') == 'whitespace' -%}
        {%- set found = whitespace_reader(block, file) -%}
    {%- else -%}
        {%- set found = csv_reader(block, file) -%}
    {%- endif -%}
    {%- set present, texts, parts = {}, [], [] -%}
    {%- for column in found.columns -%}
        {%- do present.setdefault((column.header or '') | trim, column.text) -%}
        {%- do texts.append(column.text) -%}
        {%- do parts.append('coalesce(' ~ column.text ~ ", '')") -%}
    {%- endfor -%}
    {{ return(
        'select ' ~ mapped_selection(block, present) ~ ', filename as _source_file, '
        ~ found.row_number ~ ' as _source_row, '
        ~ found.get('raw_text', parts | join(" || ',' || ")) ~ ' as _raw_text, '
        ~ "coalesce(nullif(trim(" ~ found.get('raw_text', texts | join("), ''), nullif(trim("))
        ~ "), '')) is null as _is_blank from " ~ found.relation
    ) }}
{%- endmacro %}


{# A line with too many or too few fields cannot be a row: the reader sets it aside, and
   keep_malformed_lines() collects it. #}
{% macro csv_reader(block, file) -%}
    {%- set columns, types = [], [] -%}
    {%- for header in read_header(block, file) -%}
        {%- do columns.append({'header': header, 'text': 'c' ~ loop.index}) -%}
        {%- do types.append("'c" ~ loop.index ~ "': 'varchar'") -%}
    {%- endfor -%}
    {{ return({
        'columns': columns,
        'row_number': 'row_number() over ()',
        'relation': 'read_csv(' ~ file_literal(file) ~ ', ' ~ read_csv_options(block)
            ~ ', header = true, skip = ' ~ mapped_block(block).get('skip_lines', 0)
            ~ ', filename = true, ignore_errors = true, store_rejects = true, columns = {'
            ~ types | join(', ') ~ '})'
    }) }}
{%- endmacro %}


{# A CSV's header as a list. Read as data, with more columns than any file has, so that a
   quoted or repeated name comes through as it stands. #}
{% macro read_header(block, file) -%}
    {%- set slots = [] -%}
    {%- for slot in range(1000) -%}
        {%- do slots.append("'h" ~ slot ~ "': 'varchar'") -%}
    {%- endfor -%}
    {%- set header = run_query(
        'select * from read_csv(' ~ file_literal(file) ~ ', ' ~ read_csv_options(block)
        ~ ', header = false, skip = ' ~ mapped_block(block).get('skip_lines', 0)
        ~ ', null_padding = true, strict_mode = false, parallel = false, columns = {'
        ~ slots | join(', ') ~ '}) limit 1'
    ).rows[0].values() | list -%}
    {%- set width = namespace(last=0) -%}
    {%- for name in header if name is not none -%}
        {%- set width.last = header.index(name, width.last) + 1 -%}
    {%- endfor -%}
    {{ return(header[:width.last]) }}
{%- endmacro %}


{# Columns apart by runs of blanks: each line is read whole and split. A line with another
   number of fields than the header has only its text, so that no field is read for another. #}
{% macro whitespace_reader(block, file) -%}
    {%- set split = "string_split_regex(trim(line), '\\s+')" -%}
    {%- set lines = 'read_csv(' ~ file_literal(file)
        ~ ", auto_detect = false, delim = '\x1f', quote = '', escape = '', filename = true,"
        ~ " columns = {'line': 'varchar'}, skip = "
        ~ mapped_block(block).get('skip_lines', 0) -%}
    {%- set headers = run_query(
        'select unnest(fields) from (select ' ~ split ~ ' as fields from ' ~ lines
        ~ ', header = false) limit 1)'
    ).rows -%}
    {%- set columns = [] -%}
    {%- for header in headers -%}
        {%- do columns.append({'header': header[0], 'text': 'fields[' ~ loop.index ~ ']'}) -%}
    {%- endfor -%}
    {{ return({
        'columns': columns,
        'raw_text': 'line',
        'row_number': 'row_number() over ()',
        'relation': '(select filename, line, case when len(' ~ split ~ ') = ' ~ headers | length
            ~ ' then ' ~ split ~ ' end as fields from ' ~ lines ~ ', header = true))'
    }) }}
{%- endmacro %}


{# Typed columns come as text and are typed again by the mapping, like everything else;
   stamps that carry a zone in UTC. #}
{% macro parquet_reader(file) -%}
    {%- set relation = 'read_parquet(' ~ file_literal(file)
        ~ ', filename = true, file_row_number = true)' -%}
    {%- set columns = [] -%}
    {%- set described = run_query(
        'describe select * exclude (filename, file_row_number) from ' ~ relation
    ).rows -%}
    {%- for row in described -%}
        {%- set value = {
            'TIMESTAMP WITH TIME ZONE': "timezone('UTC', " ~ quoted(row[0]) ~ ')',
            'TIMESTAMP_NS': 'cast(' ~ quoted(row[0]) ~ ' as timestamp)'
        }.get(row[1], quoted(row[0])) -%}
        {%- do columns.append({'header': row[0], 'text': 'cast(' ~ value ~ ' as varchar)'}) -%}
    {%- endfor -%}
    {{ return({
        'columns': columns, 'row_number': 'file_row_number + 1', 'relation': relation
    }) }}
{%- endmacro %}


{# The mapped headers out of those that a file has, by any of their spellings. #}
{% macro mapped_selection(block, present) -%}
    {%- set aliases = mapped_block(block).get('aliases') or {} -%}
    {%- set selected = [] -%}
    {%- for header in mapped_headers(block) -%}
        {%- set slots = [] -%}
        {%- for spelling in [header] + (aliases.get(header) or []) if spelling in present -%}
            {%- do slots.append(present[spelling]) -%}
        {%- endfor -%}
        {%- set text = slots | first or 'cast(null as varchar)' -%}
        {%- do selected.append(text ~ ' as ' ~ quoted(header)) -%}
    {%- endfor -%}
    {{ return(selected | join(', ')) }}
{%- endmacro %}


{# A block that the mapping leaves out is there, and empty. #}
{% macro nothing_to_read(block) -%}
    {{ return(
        'select cast(null as varchar) as _source_file, cast(null as bigint) as _source_row, '
        ~ 'cast(null as varchar) as _raw_text, true as _is_blank where false'
    ) }}
{%- endmacro %}


{# After a table has read its file: keep the lines that the reader set aside. DuckDB holds
   them in temporary tables of the connection that read. #}
{% macro keep_malformed_lines(block) -%}
    {%- if execute -%}
        {{ return(adapter.dispatch('keep_malformed_lines', 'topheavy')(block)) }}
    {%- endif -%}
{%- endmacro %}

{% macro default__keep_malformed_lines(block) -%}
    {%- set kept = run_query(
        "select count(*) from duckdb_tables() where temporary and table_name = 'reject_errors'"
    ).rows[0][0] -%}
    {%- if kept -%}
        insert into work.raw.malformed_lines
        select
            {{ block_of_file('reject_scans.file_path', block) }},
            reject_scans.file_path,
            cast(reject_errors.line as bigint),
            trim(min(reject_errors.csv_line), chr(10) || chr(13)),
            min(reject_errors.error_message)
        from reject_errors
        inner join
            reject_scans
            on
                reject_errors.scan_id = reject_scans.scan_id
                and reject_errors.file_id = reject_scans.file_id
        group by reject_scans.file_path, reject_errors.line, reject_errors.line_byte_position
    {%- endif -%}
{%- endmacro %}


{# The orders are read along with their lines, and by nobody else. #}
{% macro block_of_file(path, block) -%}
    {%- set order_files = [] -%}
    {%- for file in raw_files('orders') -%}
        {%- do order_files.append(text_literal(file)) -%}
    {%- endfor -%}
    {%- if order_files -%}
        case
            when {{ path }} in ({{ order_files | join(', ') }}) then 'orders'
            else '{{ block }}'
        end
    {%- else -%}
        '{{ block }}'
    {%- endif -%}
{%- endmacro %}


{% macro spark__keep_malformed_lines(block) -%}
{%- endmacro %}


{# DuckDB cannot tell how many rows a file has that it may not look into, and takes it for
   tiny: it would hash the rows and probe with the prices. While the files are read, a join
   is built as it is written, the small side on the right. #}
{% macro join_as_written(is_reading) -%}
    {{ return(adapter.dispatch('join_as_written', 'topheavy')(is_reading)) }}
{%- endmacro %}

{% macro default__join_as_written(is_reading) -%}
    set disabled_optimizers = '{{ 'build_side_probe_side' if is_reading }}'
{%- endmacro %}

{% macro spark__join_as_written(is_reading) -%}
{%- endmacro %}
