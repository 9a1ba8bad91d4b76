{#- Longer than others: what is said of one condition is said of four. Each is a bit, as
    in int_compound_cells, and a set of them is a number. -#}
{%- set conditions = {
    1: 'ten largest ' ~ label_for_several('customer'),
    2: 'largest ' ~ label_for_one('category'),
    4: 'main payment method',
    8: 'peak hours'
} -%}
with

cells as (
    select * from {{ ref('int_compound_cells') }}
),

subsets as (
    select {{ number_series(1, 15) }} as subset_bits
),

sums as (
    select
        subsets.subset_bits,
        sum(cells.revenue) as all_revenue,
        sum(
            case
                when (cells.condition_bits & subsets.subset_bits) = subsets.subset_bits
                    then cells.revenue
                else 0
            end
        ) as revenue
    from subsets
    cross join cells
    group by subsets.subset_bits
),

shared as (
    select
        *,
        {{ share_of('revenue', 'all_revenue') }} as revenue_share
    from sums
),

alone as (
    select
        max(case when subset_bits = 1 then revenue_share end) as share_of_1,
        max(case when subset_bits = 2 then revenue_share end) as share_of_2,
        max(case when subset_bits = 4 then revenue_share end) as share_of_4,
        max(case when subset_bits = 8 then revenue_share end) as share_of_8
    from shared
),

stacked as (
    select
        shared.*,
        {% for bit in conditions -%}
        {{ '+ ' if not loop.first }}case
            when (shared.subset_bits & {{ bit }}) > 0 then 1 else 0
        end
        {% endfor -%}
            as condition_count,
        {% for bit in conditions -%}
        {{ '* ' if not loop.first }}case
            when (shared.subset_bits & {{ bit }}) > 0 then alone.share_of_{{ bit }}
            else 1
        end
        {% endfor -%}
            as independent_share
    from shared
    cross join alone
)

-- A condition that this export does not feed holds nowhere: nothing stacks with it.
select
    concat_ws(
        ', '
        {%- for bit, words in conditions.items() %},
        case when (subset_bits & {{ bit }}) > 0 then {{ text_literal(words) }} end
        {%- endfor %}
    ) as combination,
    cast(condition_count as integer) as condition_count,
    '{{ main_measure() }}' as measure,
    cast(revenue as double) as revenue,
    revenue_share,
    independent_share,
    revenue_share / independent_share as independence_ratio,
    cast(revenue as double) - independent_share * cast(all_revenue as double)
        as revenue_beyond_independence
from stacked
where condition_count >= 2 and independent_share > 0 and all_revenue > 0
