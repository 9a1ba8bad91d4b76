{%- set limit = mapping_in_use().get('max_rejected_share', 0.2) -%}
{%- set undated_are_kept = 'true' if mapping_in_use().get('undated') else 'false' -%}

-- Rows that the mapping leaves out on purpose are no sign of a misread file: they count
-- on neither side.
with

dated as (
    select
        count(*) as row_count,
        count(interacted_at) as dated_count
    from {{ ref('interaction_facts') }}
),

-- Only these rows need their ids.
without_date as (
    select * from {{ ref('interactions') }}
    where undated_reason is not null
),

-- A row with an unreadable date is kept, but is just as much a sign of a misread file.
-- So is a row without a date if no row has one, unless the mapping says to keep such
-- rows.
undated as (
    select
        without_date.undated_reason as reject_reason,
        concat_ws(', ', without_date.customer_id, without_date.product_id) as raw_text,
        without_date.customer_id as source_file,
        0 as source_row
    from without_date
    cross join dated
    where
        without_date.undated_reason != 'missing_timestamp'
        or (dated.dated_count = 0 and not {{ undated_are_kept }})
),

unread as (
    select
        reject_reason,
        raw_text,
        source_file,
        source_row
    from {{ ref('rejected_rows') }}
    where
        source_block = 'interactions'
        {% for reason in deliberate_reasons() -%}
        and reject_reason != '{{ reason }}'
        {% endfor %}
    union all
    select * from undated
),

rejected as (
    select
        reject_reason,
        raw_text,
        row_number() over (
            partition by reject_reason
            order by source_file, source_row, raw_text
        ) as example_number
    from unread
),

reasons as (
    select
        reject_reason,
        count(*) as reason_count,
        max(case when example_number = 1 then raw_text end) as example_1,
        max(case when example_number = 2 then raw_text end) as example_2,
        max(case when example_number = 3 then raw_text end) as example_3,
        sum(count(*)) over () as rejected_count,
        row_number() over (order by count(*) desc, reject_reason) as reason_rank
    from rejected
    group by reject_reason
),

valid as (
    select row_count - (select count(*) from undated) as valid_count
    from dated
),

main_reason as (
    select
        reasons.reject_reason,
        reasons.reason_count,
        reasons.example_1,
        reasons.example_2,
        reasons.example_3,
        reasons.rejected_count,
        reasons.rejected_count + valid.valid_count as row_count,
        cast(reasons.rejected_count as double)
        / (reasons.rejected_count + valid.valid_count) as rejected_share
    from reasons
    cross join valid
    where reasons.reason_rank = 1
)

select
    *,
    concat(
        rejected_count, ' of ', row_count, ' rows (', round(100 * rejected_share, 1),
        '%) are rejected',
        case when exists (select 1 from undated) then ' or undated' else '' end,
        ', more than max_rejected_share allows ({{ limit }}); mainly ',
        reject_reason, ' (', reason_count, ' rows), such as: ',
        concat_ws(' | ', example_1, example_2, example_3),
        '; correct ', {{ keys_behind('reject_reason') }},
        ' in the mapping, or raise max_rejected_share'
    ) as message
from main_reason
where rejected_share > {{ limit }}
