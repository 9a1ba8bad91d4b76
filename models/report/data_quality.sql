with

loaded_files as (
    select * from {{ ref('loaded_files') }}
),

rejected_rows as (
    select * from {{ ref('rejected_rows') }}
),

row_checks as (
    select * from {{ ref('int_row_checks') }}
),

raw_counts as (
    select
        source_block,
        sum(raw_count) as raw_count,
        sum(blank_count) as blank_count,
        sum(rejected_count) as rejected_count
    from loaded_files
    group by source_block
),

checks as (
    select
        source_block,
        'raw_rows' as check_name,
        'Rows of the export as they came' as description,
        raw_count as row_count
    from raw_counts
    union all
    select
        source_block,
        'blank_rows' as check_name,
        'Rows in which every column is empty: left out' as description,
        blank_count as row_count
    from raw_counts
    union all
    select
        source_block,
        'rejected_rows' as check_name,
        'Rows that could not be used: listed in rejected_rows' as description,
        rejected_count as row_count
    from raw_counts
    union all
    select
        source_block,
        concat('rejected: ', reject_reason) as check_name,
        'Rows rejected for this reason, the first that applied' as description,
        count(*) as row_count
    from rejected_rows
    group by source_block, reject_reason
    union all
    select
        source_block,
        'valid_rows' as check_name,
        'Rows that the tables are built from' as description,
        raw_count - blank_count - rejected_count as row_count
    from raw_counts
    union all
    select
        source_block,
        check_name,
        description,
        row_count
    from row_checks
    {% for question in var('open_questions') -%}
    union all
    select
        'interactions' as source_block,
        {{ text_literal('question: ' ~ question.name) }} as check_name,
        {{ text_literal(question.text) }} as description,
        {{ question.count }} as row_count
    {% endfor -%}
)

select
    checks.source_block,
    checks.check_name,
    checks.description,
    cast(checks.row_count as bigint) as row_count,
    {{ share_of('checks.row_count', 'raw_counts.raw_count') }} as row_share
from checks
inner join raw_counts on checks.source_block = raw_counts.source_block
