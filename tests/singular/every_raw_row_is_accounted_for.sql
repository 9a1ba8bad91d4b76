-- The raw rows are counted directly from the files, bypassing the staging of their
-- block: a join that multiplies rows and a filter that hides some would both break the
-- sum.
with

counts as (
    {% for row_fate in ['raw', 'blank'] -%}
    select
        source_block,
        '{{ row_fate }}' as row_fate,
        {{ row_fate }}_count as row_count
    from {{ ref('loaded_files') }}
    where source_block != 'orders'
    union all
    {% endfor -%}
    select
        source_block,
        'rejected' as row_fate,
        1 as row_count
    from {{ ref('rejected_rows') }}
    where source_block != 'orders'
    union all
    select
        'interactions' as source_block,
        'valid' as row_fate,
        count(*) as row_count
    from {{ ref('interaction_facts') }}
    {% for block in ['customers', 'products'] -%}
    union all
    select
        '{{ block }}' as source_block,
        'valid' as row_fate,
        count(*) as row_count
    from {{ ref(block) }}
    where is_described
    {% endfor %}
),

accounts as (
    select
        source_block,
        sum(case row_fate when 'raw' then row_count else 0 end) as raw_count,
        sum(case row_fate when 'blank' then row_count else 0 end) as blank_count,
        sum(case row_fate when 'rejected' then row_count else 0 end) as rejected_count,
        sum(case row_fate when 'valid' then row_count else 0 end) as valid_count
    from counts
    group by source_block
)

select
    *,
    concat(
        source_block, ': ', raw_count, ' raw rows are not ', blank_count, ' blank + ',
        rejected_count, ' rejected + ', valid_count, ' valid'
    ) as message
from accounts
where raw_count != blank_count + rejected_count + valid_count
