with

malformed_lines as (select * from {{ raw_malformed_lines() }})

select
    block as source_block,
    source_file,
    raw_text,
    detail,
    file_key,
    source_row
from malformed_lines
