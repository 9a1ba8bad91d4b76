-- Counted apart from the models' own bookkeeping. Lines that the reader set aside are
-- rows of no source, so they are left out of what was rejected here. Texts are counted
-- rather than rows: only in values that are asked for does the reader find broken ones.
with

counts as (
    {% for block in ['interactions', 'customers', 'products'] -%}
    select
        '{{ block }}' as source_block,
        'read' as row_fate,
        count(_raw_text) as row_count
    from {{ source('raw', block) }}
    union all
    select
        '{{ block }}' as source_block,
        'staged' as row_fate,
        count(raw_text) as row_count
    from {{ ref('stg_' ~ block) }}
    union all
    select
        '{{ block }}' as source_block,
        'valid' as row_fate,
        count(*) as row_count
    from {{ ref(block) }}
    union all
    {% endfor -%}
    select
        source_block,
        case reject_reason when 'blank' then 'blank' else 'rejected' end as row_fate,
        count(*) as row_count
    from {{ ref('int_unusable_rows') }}
    where source_block != 'orders' and reject_reason != 'malformed_line'
    group by source_block, reject_reason
),

accounts as (
    select
        source_block,
        sum(case row_fate when 'read' then row_count else 0 end) as read_count,
        sum(case row_fate when 'staged' then row_count else 0 end) as staged_count,
        sum(case row_fate when 'blank' then row_count else 0 end) as blank_count,
        sum(case row_fate when 'rejected' then row_count else 0 end) as rejected_count,
        sum(case row_fate when 'valid' then row_count else 0 end) as valid_count
    from counts
    group by source_block
)

-- Staged but not read: a join multiplies rows. Read but nowhere: a filter hides some.
select
    *,
    concat(
        source_block, ': ', read_count, ' rows read, ', staged_count, ' staged, but ',
        blank_count, ' blank + ', rejected_count, ' rejected + ', valid_count, ' valid'
    ) as message
from accounts
where
    read_count != staged_count
    or read_count != blank_count + rejected_count + valid_count
