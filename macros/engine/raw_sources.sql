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
        ~ '(block varchar, source_file varchar, file_key bigint, source_row bigint, '
        ~ 'raw_text varchar, detail varchar)'
    ) -%}
    {%- do list_files() -%}
    {%- for block in ['interactions', 'orders', 'customers', 'products'] -%}
        {%- set alike, reads = {}, [] -%}
        {%- for file, header in raw_files(block) -%}
            {%- do alike.setdefault(header or header_text(block, file), []).append(file) -%}
        {%- endfor -%}
        {%- for files in alike.values() -%}
            {%- do reads.append(read_files(block, files)) -%}
        {%- endfor -%}
        {%- do run_query(
            'create or replace view work.raw.' ~ block ~ ' as '
            ~ (reads | join(' union all ') or nothing_to_read(block))
        ) -%}
    {%- endfor -%}
{%- endmacro %}


{# The files of the export, in source('raw', 'files'): as scripts/build.py lists them, with what
   of them is loaded already. Without such a list every file that the mapping names is new, and
   nothing is kept of the build before. #}
{% macro list_files() -%}
    {%- set list = env_var('TOPHEAVY_FILES', '') -%}
    {%- do run_query(
        'create or replace table work.raw.files (block varchar, source_file varchar, '
        ~ 'read_file varchar, byte_count bigint, sha256 varchar, file_key bigint, '
        ~ 'is_new boolean, recipe varchar, header varchar)'
    ) -%}
    {%- if list -%}
        {%- do run_query(
            'insert into work.raw.files by name select * from read_json('
            ~ file_literal(list) ~ ", format = 'newline_delimited', columns = {block: 'varchar', "
            ~ "source_file: 'varchar', read_file: 'varchar', byte_count: 'bigint', "
            ~ "sha256: 'varchar', file_key: 'bigint', is_new: 'boolean', recipe: 'varchar', "
            ~ "header: 'varchar'})"
        ) -%}
    {%- else -%}
        {%- for block in ['interactions', 'orders', 'customers', 'products'] -%}
            {%- for file in named_files(block) -%}
                {%- do run_query(
                    'insert into work.raw.files by name select ' ~ text_literal(block)
                    ~ ' as block, filename as source_file, filename as read_file, '
                    ~ 'size as byte_count, true as is_new, '
                    ~ '(select count(*) + 1 from work.raw.files) as file_key '
                    ~ 'from read_blob(' ~ file_literal(file) ~ ')'
                ) -%}
            {%- endfor -%}
        {%- endfor -%}
    {%- endif -%}
    {%- do forget_loads(is_listed=list != '') -%}
{%- endmacro %}


{# The files of a block to read, in name order, with their headers where the list has them:
   those whose rows the tables do not have yet. #}
{% macro raw_files(block) -%}
    {{ return(run_query(
        'select read_file, header from work.raw.files where is_new and block = '
        ~ text_literal(block) ~ ' order by source_file'
    ).rows) }}
{%- endmacro %}


{# The files that the mapping names for a block, in its order, what a glob finds by name. #}
{% macro named_files(block) -%}
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


{# Files as a list, by their very names, as the reader's functions take them. #}
{% macro file_literals(files) -%}
    {%- set literals = [] -%}
    {%- for file in files -%} {%- do literals.append(file_literal(file)) -%} {%- endfor -%}
    {{ return('[' ~ literals | join(', ') ~ ']') }}
{%- endmacro %}


{# The options of read_csv that a block's mapping sets. Nothing is guessed from the data:
   the same file is always read the same way. An empty field is an empty text, so that the
   text of a row has all of its commas. #}
{% macro read_csv_options(block) -%}
    {%- set mapped = mapped_block(block) -%}
    {{ return(
        'auto_detect = false, delim = ' ~ text_literal(mapped.get('delimiter') or ',')
        ~ ', quote = ' ~ text_literal(mapped.get('quote', '"'))
        ~ ', escape = ' ~ text_literal(mapped.get('quote', '"'))
        ~ ', encoding = ' ~ text_literal(mapped.get('encoding') or 'utf-8')
        ~ ', skip = ' ~ mapped.get('skip_lines', 0)
        ~ ", nullstr = '\x1f'"
    ) }}
{%- endmacro %}


{# What files that are read as one have in common, where no list says it: the line of the header
   as it stands, which is quicker than its names, unless a quoted name goes on in the next line. #}
{% macro header_text(block, file) -%}
    {%- set quote = mapped_block(block).get('quote', '"') -%}
    {%- set line = '' if file.endswith('.parquet') else first_line(block, file) -%}
    {%- if not line or quote and line.count(quote) % 2 -%}
        {{ return(read_header(block, file) | string) }}
    {%- endif -%}
    {{ return(line) }}
{%- endmacro %}


{# What a file's columns are called, as a list. A column of Parquet has its type beside its
   name. #}
{% macro read_header(block, file) -%}
    {%- if file.endswith('.parquet') -%}
        {%- set described = run_query(
            'describe select * from read_parquet(' ~ file_literal(file) ~ ')'
        ).rows -%}
        {%- set header = [] -%}
        {%- for column in described -%}
            {%- do header.append([column[0], column[1]]) -%}
        {%- endfor -%}
        {{ return(header) }}
    {%- endif -%}
    {%- set line = first_line(block, file) -%}
    {%- if mapped_block(block).get('delimiter') == 'whitespace' -%}
        {{ return(line.split()) }}
    {%- endif -%}
    {{ return(split_header(block, file, line)) }}
{%- endmacro %}


{# Lines of text files as they stand, in a column. #}
{% macro read_lines(block, files) -%}
    {{ return(
        'read_csv(' ~ file_literals(files) ~ ", auto_detect = false, delim = '\x1f', quote = '',"
        ~ " escape = '', strict_mode = false, columns = {'line': 'varchar'},"
        ~ ' encoding = ' ~ text_literal(mapped_block(block).get('encoding') or 'utf-8')
        ~ ', skip = ' ~ mapped_block(block).get('skip_lines', 0)
    ) }}
{%- endmacro %}


{% macro first_line(block, file) -%}
    {%- set lines = run_query(
        'select line from ' ~ read_lines(block, [file]) ~ ', header = false) limit 1'
    ).rows -%}
    {{ return(lines[0][0] or '') }}
{%- endmacro %}


{# The names in a header, quotes and all. It is read as data with room for more columns than
   it has: as many as the first line has delimiters, or where a quoted name goes on in the
   next line, as many as any file. #}
{% macro split_header(block, file, line) -%}
    {%- set mapped = mapped_block(block) -%}
    {%- set quote = mapped.get('quote', '"') -%}
    {%- set goes_on = quote and line.count(quote) % 2 -%}
    {%- set width = 1000 if goes_on else line.count(mapped.get('delimiter') or ',') + 2 -%}
    {%- set slots = [] -%}
    {%- for slot in range(width) -%}
        {%- do slots.append("'h" ~ slot ~ "': 'varchar'") -%}
    {%- endfor -%}
    {%- set header = run_query(
        'select * from read_csv(' ~ file_literal(file) ~ ', ' ~ read_csv_options(block)
        ~ ', header = false, null_padding = true, strict_mode = false, parallel = false'
        ~ ', columns = {' ~ slots | join(', ') ~ '}) limit 1'
    ).rows[0].values() | list -%}
    {{ return(header | reject('none') | list) }}
{%- endmacro %}


{# Files with one header as a select: their mapped columns by their mapped names (NULL where
   they have no such column), and where each row came from. #}
{% macro read_files(block, files) -%}
    {%- set listed = listed_files(block) -%}
    {%- if files[0].endswith('.parquet') -%}
        {%- set found = parquet_reader(block, files) -%}
    {%- elif mapped_block(block).get('delimiter') == 'whitespace' -%}
        {%- set found = whitespace_reader(block, files) -%}
    {%- else -%}
        {%- set found = csv_reader(block, files, listed[files[0]].header) -%}
    {%- endif -%}
    {%- set present, texts = {}, [] -%}
    {%- for column in found.columns -%}
        {%- do present.setdefault(column.header, column.text) -%}
        {%- do present.setdefault(column.header | trim, column.text) -%}
        {%- do texts.append(column.text) -%}
    {%- endfor -%}
    {{ return(
        'select ' ~ mapped_selection(block, present) ~ ', ' ~ file_provenance(listed, files) ~ ', '
        ~ found.row_number ~ ' as _source_row, '
        ~ found.get('raw_text', "concat_ws(',', " ~ texts | join(', ') ~ ')') ~ ' as _raw_text, '
        ~ is_blank([found.raw_text] if 'raw_text' in found else texts) ~ ' as _is_blank from '
        ~ found.relation
    ) }}
{%- endmacro %}


{# True for a row in which every text is empty or blank. Most rows are told by their first text:
   the others are not looked at. Text is compared and not replaced by NULL, of which DuckDB would
   make a column for every row. #}
{% macro is_blank(texts) -%}
    {%- set empty = [] -%}
    {%- for text in texts -%}
        {%- do empty.append('coalesce(' ~ trimmed(text) ~ ", '') = ''") -%}
    {%- endfor -%}
    {{ return(
        'case when ' ~ starts_visibly(texts[0]) ~ ' then false else '
        ~ empty | join(' and ') ~ ' end'
    ) }}
{%- endmacro %}


{# What the list of files says of those of a block, by the file that is read. #}
{% macro listed_files(block) -%}
    {%- set listed = {} -%}
    {%- for row in run_query(
        'select read_file, source_file, file_key, header from work.raw.files where block = '
        ~ text_literal(block)
    ).rows -%}
        {%- do listed.update({
            row[0]: {'source_file': row[1], 'file_key': row[2], 'header': row[3]}
        }) -%}
    {%- endfor -%}
    {{ return(listed) }}
{%- endmacro %}


{# Which file a row is of, by the file's place among those that are read as one. Not by a join:
   rows come out of it in another order. #}
{% macro file_provenance(listed, files) -%}
    {%- set names, keys = [], [] -%}
    {%- for file in files -%}
        {%- do names.append(text_literal(listed[file].source_file)) -%}
        {%- do keys.append(listed[file].file_key) -%}
    {%- endfor -%}
    {{ return(
        of_file(names) ~ ' as _source_file, cast(' ~ of_file(keys) ~ ' as bigint) as _file_key'
    ) }}
{%- endmacro %}


{# A value of the file that a row is of, out of those of all files that are read as one. #}
{% macro of_file(values) -%}
    {{ return(
        values[0] if values | length == 1
        else '[' ~ values | join(', ') ~ '][cast(file_index as bigint) + 1]'
    ) }}
{%- endmacro %}


{# A line with too many or too few fields cannot be a row: the reader sets it aside, and
   keep_malformed_lines() collects it. #}
{% macro csv_reader(block, files, listed) -%}
    {%- set columns, types = [], [] -%}
    {%- for header in column_names(read_header(block, files[0]), listed) -%}
        {%- do columns.append({'header': header, 'text': 'c' ~ loop.index}) -%}
        {%- do types.append("'c" ~ loop.index ~ "': 'varchar'") -%}
    {%- endfor -%}
    {%- set relation = '(select *, file_index from read_csv(' ~ file_literals(files) ~ ', '
        ~ read_csv_options(block) ~ ', header = true, ignore_errors = true, store_rejects = true'
        ~ ', columns = {' ~ types | join(', ') ~ '}))' -%}
    {%- set texts = columns | map(attribute='text') | join(', ') -%}
    {%- set found = numbered(block, relation, files, "concat_ws(',', " ~ texts ~ ')') -%}
    {%- do found.update({'columns': columns}) -%}
    {{ return(found) }}
{%- endmacro %}


{# The names of a header, with an empty one at the end where the list of files has one more:
   every row of such a file ends in a delimiter that its header does not have. Of several columns
   of one name, the n-th is called NAME#n. #}
{% macro column_names(header, listed) -%}
    {%- set is_longer = listed and fromjson(listed) | length > header | length -%}
    {%- set texts, names = header | map('trim') | list, [] -%}
    {%- for text in texts + ([''] if is_longer else []) -%}
        {%- set is_repeated = text and texts.count(text) > 1 -%}
        {%- set number = texts[:loop.index].count(text) -%}
        {%- do names.append(text ~ '#' ~ number if is_repeated else text) -%}
    {%- endfor -%}
    {{ return(names) }}
{%- endmacro %}


{# Columns apart by runs of blanks: each line is read whole and split. A line with another
   number of fields than the header has only its text, so that no field is read for another. #}
{% macro whitespace_reader(block, files) -%}
    {%- set split = "string_split_regex(trim(line), '\\s+')" -%}
    {%- set columns = [] -%}
    {%- for header in read_header(block, files[0]) -%}
        {%- do columns.append({
            'header': header, 'text': "coalesce(fields[" ~ loop.index ~ "], '')"
        }) -%}
    {%- endfor -%}
    {%- set relation = '(select file_index, line, case when len(' ~ split ~ ') = '
        ~ columns | length ~ ' then ' ~ split ~ ' end as fields from '
        ~ read_lines(block, files) ~ ', header = true))' -%}
    {%- set found = numbered(block, relation, files, 'line') -%}
    {%- do found.update({'columns': columns, 'raw_text': 'line'}) -%}
    {{ return(found) }}
{%- endmacro %}


{# Rows of text with their number within their file: that among all rows that are read as
   one, less the rows of the files before. DuckDB counts in order, on one processor; rows that
   nothing is joined to and nobody asks for their number have a place that tells it (see
   row_place). Texts are counted, for only where it is asked for does a broken one show. #}
{% macro numbered(block, relation, files, text) -%}
    {%- if block == 'interactions' and not mapped_block('orders')
        and not depends_on_other_rows() -%}
        {{ return({'row_number': 'cast(null as bigint)', 'relation': relation}) }}
    {%- endif -%}
    {%- set counts, rows_before = {}, [0] -%}
    {%- if files | length > 1 -%}
        {%- for row in run_query(
            'select file_index, count(' ~ text ~ ') from ' ~ relation ~ ' group by file_index'
        ).rows -%}
            {%- do counts.update({row[0] | int: row[1]}) -%}
        {%- endfor -%}
    {%- endif -%}
    {%- for place in range(files | length - 1) -%}
        {%- do rows_before.append(rows_before[-1] + counts.get(place, 0)) -%}
    {%- endfor -%}
    {{ return({
        'row_number': 'row_of_all - ' ~ of_file(rows_before),
        'relation': '(select *, row_number() over () as row_of_all from ' ~ relation ~ ')'
    }) }}
{%- endmacro %}


{# Typed columns come as text and are typed again by the mapping, like everything else;
   stamps that carry a zone in UTC. #}
{% macro parquet_reader(block, files) -%}
    {%- set columns = [] -%}
    {%- for name, type in read_header(block, files[0]) -%}
        {%- if name == 'file_index' and files | length > 1 -%}
            {%- do exceptions.raise_compiler_error(
                block ~ ': ' ~ files[0] ~ ' has a column file_index, which the reader calls the '
                ~ 'place of a file; rename it'
            ) -%}
        {%- endif -%}
        {%- set value = {
            'TIMESTAMP WITH TIME ZONE': "timezone('UTC', " ~ quoted(name) ~ ')',
            'TIMESTAMPTZ_NS': "timezone('UTC', cast(" ~ quoted(name) ~ ' as timestamptz))',
            'TIMESTAMP_NS': 'cast(' ~ quoted(name) ~ ' as timestamp)'
        }.get(type, quoted(name)) -%}
        {%- do columns.append({
            'header': name, 'text': 'coalesce(cast(' ~ value ~ " as varchar), '')"
        }) -%}
    {%- endfor -%}
    {%- for field in mapped_fields(block, columns | map(attribute='header') | list) -%}
        {%- do columns.append({
            'header': field.header, 'text': 'coalesce(cast(' ~ field.path ~ " as varchar), '')"
        }) -%}
    {%- endfor -%}
    {{ return({
        'columns': columns,
        'row_number': 'file_row_number + 1',
        'relation': '(select *, file_index from read_parquet(' ~ file_literals(files)
            ~ ', file_row_number = true))'
    }) }}
{%- endmacro %}


{# The fields of structs that the mapping names, as COLUMN.FIELD, and where they stand. #}
{% macro mapped_fields(block, names) -%}
    {%- set found = [] -%}
    {%- for header in mapped_headers(block) if '.' in header and header not in names -%}
        {%- set parts = header.split('.') -%}
        {%- if parts[0] in names -%}
            {%- set path = [] -%}
            {%- for part in parts -%} {%- do path.append(quoted(part)) -%} {%- endfor -%}
            {%- do found.append({'header': header, 'path': path | join('.')}) -%}
        {%- endif -%}
    {%- endfor -%}
    {{ return(found) }}
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
        {%- set text = slots | first or 'cast(null as string)' -%}
        {%- do selected.append(text ~ ' as ' ~ quoted(header)) -%}
    {%- endfor -%}
    {{ return(selected | join(', ')) }}
{%- endmacro %}


{# Where a row stands in the table that its file was read into. DuckDB writes rows in the order
   in which it reads them, as long as nothing is joined, so that those of a file stand one after
   the other; Spark does not, and numbers them while it reads. #}
{% macro row_place() -%}
    {{ return(adapter.dispatch('row_place', 'topheavy')()) }}
{%- endmacro %}

{% macro default__row_place() -%}
    rowid
{%- endmacro %}

{% macro spark__row_place() -%}
    cast(null as bigint)
{%- endmacro %}


{# A block that the mapping leaves out, or whose files are all loaded, is there, and empty. #}
{% macro nothing_to_read(block) -%}
    {{ return(
        'select ' ~ mapped_selection(block, {}) ~ (', ' if mapped_headers(block) else '')
        ~ 'cast(null as string) as _source_file, cast(null as bigint) as _file_key, '
        ~ 'cast(null as bigint) as _source_row, cast(null as string) as _raw_text, '
        ~ 'true as _is_blank where false'
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
            files.block,
            files.source_file,
            files.file_key,
            cast(reject_errors.line as bigint),
            trim(min(reject_errors.csv_line), chr(10) || chr(13)),
            min(reject_errors.error_message)
        from reject_errors
        inner join
            reject_scans
            on
                reject_errors.scan_id = reject_scans.scan_id
                and reject_errors.file_id = reject_scans.file_id
        inner join
            work.raw.files
            on
                reject_scans.file_path = files.read_file
                and files.block in ({{ blocks_read_for(block) }})
        group by
            files.block,
            files.source_file,
            files.file_key,
            reject_errors.line,
            reject_errors.line_byte_position
    {%- endif -%}
{%- endmacro %}


{# The orders are read along with their lines, and by nobody else. #}
{% macro blocks_read_for(block) -%}
    {{ return("'interactions', 'orders'" if block == 'interactions' else "'" ~ block ~ "'") }}
{%- endmacro %}


{% macro spark__keep_malformed_lines(block) -%}
{%- endmacro %}


{# DuckDB cannot tell how many rows a file has that it may not look into, and takes it for
   tiny: it would hash the lines and probe with the orders. While the files are read, a join
   is built as it is written, the small side on the right. #}
{% macro join_as_written(is_reading) -%}
    {{ return(adapter.dispatch('join_as_written', 'topheavy')(is_reading)) }}
{%- endmacro %}

{% macro default__join_as_written(is_reading) -%}
    set disabled_optimizers = '{{ 'build_side_probe_side' if is_reading }}'
{%- endmacro %}

{% macro spark__join_as_written(is_reading) -%}
{%- endmacro %}
