{{ config(severity='warn') }}

with

interactions as (select * from {{ ref('interactions') }}),

files as (
    select * from {{ ref('loaded_files') }}
    where
        raw_count > blank_count
        and raw_count = blank_count + rejected_count + undated_count
),

undated as (
    select
        files.source_block,
        files.source_file,
        interactions.undated_reason as reject_reason,
        concat_ws(', ', interactions.customer_id, interactions.product_id) as raw_text
    from interactions
    inner join files on interactions.file_key = files.file_key
    where
        interactions.undated_reason is not null
        {% if mapping_in_use().get('undated') -%}
        and interactions.undated_reason != 'missing_timestamp'
        {% endif %}
),

unread as (
    select
        source_block,
        source_file,
        reject_reason,
        raw_text
    from {{ ref('rejected_rows') }}
    union all
    select * from undated
),

-- Rows that the mapping leaves out on purpose are no sign of a misread file.
reasons as (
    select
        source_block,
        source_file,
        reject_reason,
        count(*) as reason_count,
        min(raw_text) as example
    from unread
    where reject_reason not in ('{{ deliberate_reasons() | join("', '") }}')
    group by source_block, source_file, reject_reason
),

ranked as (
    select
        *,
        row_number() over (
            partition by source_block, source_file
            order by reason_count desc, reject_reason
        ) as place
    from reasons
)

select
    files.source_block,
    files.source_file,
    ranked.reject_reason,
    concat(
        files.source_file, ': none of its ', files.raw_count - files.blank_count,
        ' rows can be used and dated, mainly for ', ranked.reject_reason, ', such as: ',
        ranked.example, '; correct ', {{ keys_behind('ranked.reject_reason') }},
        ' in the mapping'
    ) as message
from files
inner join ranked
    on
        files.source_block = ranked.source_block
        and files.source_file = ranked.source_file
where ranked.place = 1
order by files.source_block, files.source_file
