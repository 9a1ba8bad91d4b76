-- Counted apart from the models' own bookkeeping: what was read, what staging passed on, and
-- what became of it. A join that multiplies rows breaks the first equality, a filter that
-- hides some breaks the second.
with

raw_rows as (
    {% for block in ['interactions', 'orders', 'customers', 'products'] -%}
    select
        '{{ block }}' as source_block,
        count(*) as row_count
    from {{ source('raw', block) }}
    {{ 'union all' if not loop.last }}
    {% endfor %}
),

staged_rows as (
    {% for block in ['interactions', 'orders', 'customers', 'products'] -%}
    select
        '{{ block }}' as source_block,
        count(*) as row_count
    from {{ ref('stg_' ~ block) }}
    {{ 'union all' if not loop.last }}
    {% endfor %}
),

valid_rows as (
    {% for block in ['interactions', 'customers', 'products'] -%}
    select
        '{{ block }}' as source_block,
        count(*) as row_count
    from {{ ref(block) }}
    union all
    {% endfor -%}
    select
        'orders' as source_block,
        count(*) as row_count
    from {{ ref('stg_orders') }}
    where not is_blank and reject_reason is null
),

unusable_rows as (
    select
        source_block,
        sum(case when reject_reason = 'blank' then 1 else 0 end) as blank_count,
        sum(case when reject_reason = 'malformed_line' then 1 else 0 end) as malformed_count,
        count(*) as row_count
    from {{ ref('int_unusable_rows') }}
    group by source_block
),

listed_rows as (
    select
        source_block,
        count(*) as row_count
    from {{ ref('rejected_rows') }}
    group by source_block
),

accounts as (
    select
        raw_rows.source_block,
        raw_rows.row_count + coalesce(unusable_rows.malformed_count, 0) as raw_count,
        staged_rows.row_count + coalesce(unusable_rows.malformed_count, 0) as staged_count,
        coalesce(unusable_rows.blank_count, 0) as blank_count,
        coalesce(unusable_rows.row_count - unusable_rows.blank_count, 0) as rejected_count,
        coalesce(listed_rows.row_count, 0) as listed_count,
        valid_rows.row_count as valid_count
    from raw_rows
    inner join staged_rows on raw_rows.source_block = staged_rows.source_block
    inner join valid_rows on raw_rows.source_block = valid_rows.source_block
    left join unusable_rows on raw_rows.source_block = unusable_rows.source_block
    left join listed_rows on raw_rows.source_block = listed_rows.source_block
)

select
    *,
    concat(
        source_block, ': ', raw_count, ' raw rows, but ', blank_count, ' blank + ',
        rejected_count, ' rejected + ', valid_count, ' valid (', staged_count, ' staged, ',
        listed_count, ' listed in rejected_rows)'
    ) as message
from accounts
where
    raw_count != staged_count
    or raw_count != blank_count + rejected_count + valid_count
    or rejected_count != listed_count
