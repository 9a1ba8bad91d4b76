{#- Longer than others: one row counts five outcomes of the rows of a file. -#}
{{ config(materialized='kept', incremental_strategy='by_file') }}

-- A file counts as loaded only once every table has its rows.
-- depends_on: {{ ref('int_row_ids') }}

with

files as (select * from {{ ref('stg_files') }}),
malformed_lines as (select * from {{ ref('stg_malformed_lines') }}),
raw_rows as (select * from {{ ref('stg_raw_rows') }}),
unusable_rows as (select * from {{ ref('int_excluded_rows') }}),

-- Answers are counted rather than rows, because the reader finds broken values only in
-- the columns that a query uses.
all_rows as (
    select
        file_key,
        is_blank
    from raw_rows
    union all
    select
        file_key,
        false as is_blank
    from malformed_lines
),

raw_counts as (
    select
        file_key,
        count(is_blank) as raw_count
    from all_rows
    group by file_key
),

unusable_counts as (
    select
        file_key,
        count(case when reject_reason = 'blank' then 1 end) as blank_count,
        count(case when reject_reason != 'blank' then 1 end) as rejected_count,
        sum(case when reject_reason != 'blank' then revenue end) as rejected_revenue
    from unusable_rows
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
    cast(coalesce(unusable_counts.blank_count, 0) as bigint) as blank_count,
    cast(coalesce(unusable_counts.rejected_count, 0) as bigint) as rejected_count,
    cast(coalesce(rounded_counts.rounded_amount_count, 0) as bigint)
        as rounded_amount_count,
    cast(coalesce(undated_counts.undated_count, 0) as bigint) as undated_count,
    cast(coalesce(unusable_counts.rejected_revenue, 0) as {{ money_sum_type() }})
        as rejected_revenue,
    cast(coalesce(undated_counts.undated_revenue, 0) as {{ money_sum_type() }})
        as undated_revenue,
    files.file_key
from files
left join raw_counts on files.file_key = raw_counts.file_key
left join unusable_counts on files.file_key = unusable_counts.file_key
left join undated_counts on files.file_key = undated_counts.file_key
left join rounded_counts on files.file_key = rounded_counts.file_key
