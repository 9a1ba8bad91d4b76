with

unusable_rows as (select * from {{ ref('int_excluded_rows') }})

select
    source_block,
    source_file,
    reject_reason,
    raw_text,
    revenue,
    source_row
from unusable_rows
where reject_reason != 'blank'
