{%- set limit = var('mapping').get('max_rejected_share', 0.2) -%}
{%- set deliberate = ['return_left_out', 'repeated_row'] -%}
{%- for block in ['interactions', 'orders'] -%}
    {%- for rule in mapped_block(block).get('leave_out') or [] -%}
        {%- do deliberate.append(rule.reason) -%}
    {%- endfor -%}
{%- endfor -%}

-- What the mapping leaves out on purpose is no sign of a file read wrongly: it counts on
-- neither side.
with

rejected as (
    select
        reject_reason,
        raw_text,
        row_number() over (
            partition by reject_reason
            order by source_file, source_row
        ) as example_number
    from {{ ref('rejected_rows') }}
    where
        source_block = 'interactions'
        and reject_reason not in (
            {%- for reason in deliberate -%}
            {{ text_literal(reason) }}{{ ', ' if not loop.last }}
            {%- endfor -%}
        )
),

reasons as (
    select
        reject_reason,
        count(*) as reason_count,
        max(case when example_number = 1 then raw_text end) as example_1,
        max(case when example_number = 2 then raw_text end) as example_2,
        max(case when example_number = 3 then raw_text end) as example_3,
        row_number() over (order by count(*) desc, reject_reason) as reason_rank,
        sum(count(*)) over () as rejected_count
    from rejected
    group by reject_reason
),

valid as (
    select count(*) as valid_count from {{ ref('interactions') }}
),

shares as (
    select
        reasons.*,
        reasons.rejected_count + valid.valid_count as usable_count,
        cast(reasons.rejected_count as double)
        / nullif(reasons.rejected_count + valid.valid_count, 0) as rejected_share
    from reasons
    cross join valid
    where reasons.reason_rank = 1
)

select
    reject_reason,
    reason_count,
    rejected_count,
    rejected_share,
    example_1,
    example_2,
    example_3,
    concat(
        rejected_count, ' of ', usable_count, ' rows (', round(100 * rejected_share, 1),
        ' %) cannot be used, more than max_rejected_share ({{ limit }}); mainly ',
        reject_reason, ': ', reason_count, ' rows, such as ',
        concat_ws('  |  ', example_1, example_2, example_3)
    ) as message
from shares
where rejected_share > {{ limit }}
