with

malformed_lines as (
    select * from {{ ref('stg_malformed_lines') }}
),

raw_rows as (
    select * from {{ ref('stg_raw_rows') }}
),

-- What the reader set aside is complete only once the tables have read their files.
unusable_rows as (
    select * from {{ ref('int_unusable_rows') }}
),

-- Texts are counted rather than rows: only in values that are asked for does the reader
-- find broken ones.
all_rows as (
    select
        source_block,
        source_file,
        raw_text
    from raw_rows
    union all
    select
        source_block,
        source_file,
        raw_text
    from malformed_lines
),

file_counts as (
    select
        source_block,
        source_file,
        count(raw_text) as raw_count
    from all_rows
    group by source_block, source_file
),

unusable_counts as (
    select
        source_block,
        source_file,
        sum(case when reject_reason = 'blank' then 1 else 0 end) as blank_count,
        sum(case when reject_reason = 'blank' then 0 else 1 end) as rejected_count
    from unusable_rows
    group by source_block, source_file
)

select
    file_counts.source_block,
    file_counts.source_file,
    cast(file_counts.raw_count as bigint) as raw_count,
    cast(coalesce(unusable_counts.blank_count, 0) as bigint) as blank_count,
    cast(coalesce(unusable_counts.rejected_count, 0) as bigint) as rejected_count
from file_counts
left join
    unusable_counts
    on
        file_counts.source_block = unusable_counts.source_block
        and file_counts.source_file = unusable_counts.source_file
