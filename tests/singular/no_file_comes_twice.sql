{{ config(severity='warn') }}

with

files as (
    select * from {{ ref('loaded_files') }}
    where sha256 is not null and raw_count > 0
)

select
    source_block,
    {{ joined_texts('source_file', 'source_file') }} as source_files,
    concat(
        {{ joined_texts('source_file', 'source_file') }},
        ' have the same content, so that each of its rows counts ', count(*),
        ' times; keep one of them'
    ) as message
from files
group by source_block, sha256
having count(*) > 1
order by source_files
