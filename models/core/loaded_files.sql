{{ config(materialized='kept', incremental_strategy='by_file') }}

-- A file counts as loaded only once every table has its rows.
-- depends_on: {{ ref('int_row_ids') }}

with

files as (select * from {{ ref('stg_files') }}),
raw_rows as (select * from {{ ref('stg_raw_rows') }}),
rejected_rows as (select * from {{ ref('rejected_rows') }}),

-- Answers are counted rather than rows, because the reader finds broken values only in
-- the columns that a query uses.
raw_counts as (
    select
        file_key,
        count(is_blank) as raw_count,
        count(case when is_blank then 1 end) as blank_count
    from raw_rows
    group by file_key
),

rejected_counts as (
    select
        file_key,
        count(*) as rejected_count,
        sum(revenue) as rejected_revenue
    from rejected_rows
    group by file_key
),

undated_counts as (
    select
        file_key,
        count(*) as undated_count,
        sum(revenue) as undated_revenue
    from {{ ref('interaction_facts') }}
    where undated_reason is not null
    group by file_key
),

rounded_counts as (
    select
        file_key,
        count(*) as rounded_amount_count
    from {{ ref('int_row_outcomes') }}
    where has_more_decimals
    group by file_key
)

select
    files.source_block,
    files.source_file,
    files.sha256,
    files.byte_count,
    cast(coalesce(raw_counts.raw_count, 0) as bigint) as raw_count,
    cast(coalesce(raw_counts.blank_count, 0) as bigint) as blank_count,
    cast(coalesce(rejected_counts.rejected_count, 0) as bigint) as rejected_count,
    cast(coalesce(rounded_counts.rounded_amount_count, 0) as bigint)
        as rounded_amount_count,
    cast(coalesce(undated_counts.undated_count, 0) as bigint) as undated_count,
    cast(coalesce(rejected_counts.rejected_revenue, 0) as {{ money_sum_type() }})
        as rejected_revenue,
    cast(coalesce(undated_counts.undated_revenue, 0) as {{ money_sum_type() }})
        as undated_revenue,
    files.file_key
from files
left join raw_counts on files.file_key = raw_counts.file_key
left join rejected_counts on files.file_key = rejected_counts.file_key
left join undated_counts on files.file_key = undated_counts.file_key
left join rounded_counts on files.file_key = rounded_counts.file_key
