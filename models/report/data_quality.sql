{#- Longer than others: every check of the input is a row with its own question. -#}
{#- Revenue that comes from a price or amount in the file of products or customers is
    unknown for those that the file lacks. -#}
{%- set priced_by = {
    'list_price': 'product', 'customer_amount': 'customer'
}.get(revenue_basis()) -%}
with

loaded_files as (select * from {{ ref('loaded_files') }}),
rejected_rows as (select * from {{ ref('rejected_rows') }}),
date_hours as (select * from {{ ref('int_date_hours') }}),
customers as (select * from {{ ref('customers') }}),
products as (select * from {{ ref('products') }}),
totals as (select * from {{ ref('int_entity_totals') }}),

valid_revenues as (
    select sum(revenue) as revenue from {{ ref('interaction_facts') }}
),

entities as (
    select * from {{ ref('entity_concentration') }}
    where measure = 'revenue'
),

silences as (
    select
        min(date_day) as first_day,
        max(date_day) as last_day,
        {{ exact_sum('usual_activity') }} as usual_days
    from {{ ref('int_day_activity') }}
    where is_in_span and usual_activity is not null
    group by silence_number
),

raw_counts as (
    select
        source_block,
        sum(raw_count) as raw_count,
        sum(blank_count) as blank_count,
        sum(rejected_count) as rejected_count,
        sum(rounded_amount_count) as rounded_amount_count,
        sum(rejected_revenue) as rejected_revenue
    from loaded_files
    group by source_block
),

-- All revenue in the files: that of valid rows, and what can be read in the rejected
-- ones.
revenues as (
    select
        raw_counts.source_block,
        raw_counts.rejected_revenue,
        valid_revenues.revenue as valid_revenue,
        coalesce(valid_revenues.revenue, 0) + raw_counts.rejected_revenue as raw_revenue
    from raw_counts
    cross join valid_revenues
    where raw_counts.source_block = 'interactions'
),

holes as (
    select
        *,
        row_number() over (order by usual_days desc, first_day) as place
    from silences
),

checks as (
    select
        raw_counts.source_block,
        'raw_rows' as check_name,
        'Rows of the export as they were read' as description,
        raw_counts.raw_count as row_count,
        revenues.raw_revenue as revenue
    from raw_counts
    left join revenues on raw_counts.source_block = revenues.source_block
    union all
    select
        source_block,
        'blank_rows' as check_name,
        'Rows in which every column is empty: left out' as description,
        blank_count as row_count,
        null as revenue
    from raw_counts
    union all
    select
        raw_counts.source_block,
        'rejected_rows' as check_name,
        'Rows that could not be used: listed in rejected_rows' as description,
        raw_counts.rejected_count as row_count,
        revenues.rejected_revenue as revenue
    from raw_counts
    left join revenues on raw_counts.source_block = revenues.source_block
    union all
    select
        source_block,
        concat('rejected: ', reject_reason) as check_name,
        'Rows rejected for this reason, the first that applied' as description,
        count(*) as row_count,
        sum(revenue) as revenue
    from rejected_rows
    group by source_block, reject_reason
    union all
    select
        raw_counts.source_block,
        'valid_rows' as check_name,
        'Rows that the tables are built from' as description,
        raw_counts.raw_count - raw_counts.blank_count - raw_counts.rejected_count
            as row_count,
        revenues.valid_revenue as revenue
    from raw_counts
    left join revenues on raw_counts.source_block = revenues.source_block
    -- Valid rows with missing or repeated values are kept: each is missing only from
    -- the dimension that it does not name.
    {% for name, answer, meaning, rows in row_questions() -%}
    union all
    select
        'interactions' as source_block,
        '{{ name }}' as check_name,
        {{ text_literal(meaning) }} as description,
        coalesce(sum({{ name }}), 0) as row_count,
        {{ 'sum(' ~ name ~ '_revenue)' if rows else 'null' }} as revenue
    from date_hours
    {% endfor -%}
    {% for name, dimension, meaning in entity_questions() -%}
    union all
    select
        'interactions' as source_block,
        '{{ name }}' as check_name,
        {{ text_literal(meaning) }} as description,
        coalesce(sum(totals.interactions), 0) as row_count,
        {{ 'null' if dimension == priced_by else 'sum(totals.revenue)' }} as revenue
    from totals
    inner join {{ dimension }}s
        on totals.entity_key = {{ dimension }}s.{{ dimension }}_key
    where totals.dimension = '{{ dimension }}' and not {{ dimension }}s.is_described
    {% endfor -%}
    {% if mapped_header('interactions', 'amount') -%}
    union all
    select
        source_block,
        'rounded_amounts' as check_name,
        'Valid rows whose amount has more decimals than are kept: '
        || 'raise amount_decimals in the mapping' as description,
        rounded_amount_count as row_count,
        null as revenue
    from raw_counts
    where source_block = 'interactions'
    {% endif -%}
    {% for question in var('open_questions') -%}
    union all
    select
        'interactions' as source_block,
        {{ text_literal('question: ' ~ question.name) }} as check_name,
        {{ text_literal(question.text) }} as description,
        {{ question.count }} as row_count,
        null as revenue
    {% endfor -%}
    union all
    select
        'interactions' as source_block,
        concat(dimension, 's_below_zero') as check_name,
        concat(
            case dimension
                when 'customer'
                    then {{ text_literal(capitalized(label_for_several('customer'))) }}
                else {{ text_literal(capitalized(label_for_several('product'))) }}
            end,
            ' that returns leave below zero: they have no share'
        ) as description,
        count(*) as row_count,
        sum(entity_value) as revenue
    from entities
    where dimension in ('customer', 'product') and entity_value < 0
    group by dimension
    union all
    select
        'interactions' as source_block,
        concat(
            'hole: ', cast(first_day as string), ' to ', cast(last_day as string)
        ) as check_name,
        concat(
            'No row from ', cast(first_day as string), ' to ', cast(last_day as string),
            ', where some ', cast({{ rounded('usual_days', 9, 0) }} as string),
            ' days usually have rows: periods with too many such days are not compared'
        ) as description,
        0 as row_count,
        null as revenue
    from holes
    where place <= {{ var('named_holes') }}
)

select
    checks.source_block,
    checks.check_name,
    checks.description,
    cast(checks.row_count as bigint) as row_count,
    {{ share_of('checks.row_count', 'raw_counts.raw_count') }} as row_share,
    cast(checks.revenue as {{ money_sum_type() }}) as revenue,
    case
        when revenues.raw_revenue > 0
            then {{ share_of('checks.revenue', 'revenues.raw_revenue') }}
    end as revenue_share
from checks
inner join raw_counts on checks.source_block = raw_counts.source_block
left join revenues on checks.source_block = revenues.source_block
