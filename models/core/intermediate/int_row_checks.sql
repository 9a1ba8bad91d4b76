-- If amounts are mapped, the decimals in their files have already been counted.
-- depends_on: {{ ref('loaded_files') }}

-- Valid rows with missing or repeated values are kept: each is missing only from the
-- dimension that it does not name.
with

answers as (select * from {{ ref('int_row_check_months') }}),

checks as (
    {% for name, answer, meaning, rows in row_questions() -%}
    select
        'interactions' as source_block,
        '{{ name }}' as check_name,
        {{ text_literal(meaning) }} as description,
        coalesce(sum({{ name }}), 0) as row_count,
        {{ 'sum(' ~ name ~ '_revenue)' if rows else 'cast(null as decimal(38, 4))' }}
            as revenue
    from answers
    {{ 'union all' if not loop.last }}
    {% endfor -%}
    {% if mapped_header('interactions', 'amount') -%}
    union all
    select
        source_block,
        'rounded_amounts' as check_name,
        'Valid rows whose amount has more decimals than are kept: '
        || 'raise amount_decimals in the mapping' as description,
        sum(rounded_amount_count) as row_count,
        null as revenue
    from {{ ref('loaded_files') }}
    where source_block = 'interactions'
    group by source_block
    {% endif -%}
)

select * from checks
