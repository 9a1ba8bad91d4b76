with

files as (select * from {{ raw_files() }})

select
    block as source_block,
    source_file,
    sha256,
    byte_count,
    file_key
from files
where is_new
