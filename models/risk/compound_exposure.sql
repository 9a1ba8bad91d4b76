with

cells as (
    select
        cast(in_top_customers as integer) as in_top_customers,
        cast(in_top_category as integer) as in_top_category,
        cast(in_top_payment_method as integer) as in_top_payment_method,
        cast(in_peak_hours as integer) as in_peak_hours,
        revenue
    from {{ ref('int_compound_cells') }}
),

numbers as (
    select {{ number_series(1, 15) }} as subset_number
),

-- The four binary digits of a number choose the conditions that must hold together.
subsets as (
    select
        subset_number,
        cast(mod(floor(subset_number / 1.0), 2) as integer) as needs_top_customers,
        cast(mod(floor(subset_number / 2.0), 2) as integer) as needs_top_category,
        cast(mod(floor(subset_number / 4.0), 2) as integer) as needs_top_payment_method,
        cast(mod(floor(subset_number / 8.0), 2) as integer) as needs_peak_hours
    from numbers
),

sums as (
    select
        subsets.*,
        sum(cells.revenue) as all_revenue,
        sum(
            case
                when
                    cells.in_top_customers >= subsets.needs_top_customers
                    and cells.in_top_category >= subsets.needs_top_category
                    and cells.in_top_payment_method >= subsets.needs_top_payment_method
                    and cells.in_peak_hours >= subsets.needs_peak_hours
                    then cells.revenue
                else 0
            end
        ) as revenue
    from subsets
    cross join cells
    group by
        subsets.subset_number,
        subsets.needs_top_customers,
        subsets.needs_top_category,
        subsets.needs_top_payment_method,
        subsets.needs_peak_hours
),

shared as (
    select
        *,
        needs_top_customers + needs_top_category + needs_top_payment_method
        + needs_peak_hours as condition_count,
        {{ share_of('revenue', 'all_revenue') }} as revenue_share
    from sums
),

alone as (
    select
        max(case when needs_top_customers = 1 then revenue_share end) as top_customers,
        max(case when needs_top_category = 1 then revenue_share end) as top_category,
        max(case when needs_top_payment_method = 1 then revenue_share end)
            as top_payment_method,
        max(case when needs_peak_hours = 1 then revenue_share end) as peak_hours
    from shared
    where condition_count = 1
),

stacked as (
    select
        shared.*,
        case when shared.needs_top_customers = 1 then alone.top_customers else 1 end
        * case when shared.needs_top_category = 1 then alone.top_category else 1 end
        * case
            when shared.needs_top_payment_method = 1 then alone.top_payment_method
            else 1
        end
        * case when shared.needs_peak_hours = 1 then alone.peak_hours else 1 end
            as independent_share
    from shared
    cross join alone
    where shared.condition_count >= 2
)

-- A condition that this export does not feed holds nowhere: nothing stacks with it.
select
    concat_ws(
        ', ',
        case
            when needs_top_customers = 1
                then {{ text_literal('ten largest ' ~ label_for_several('customer')) }}
        end,
        case
            when needs_top_category = 1
                then {{ text_literal('largest ' ~ label_for_one('category')) }}
        end,
        case when needs_top_payment_method = 1 then 'main payment method' end,
        case when needs_peak_hours = 1 then 'peak hours' end
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
where independent_share > 0 and all_revenue > 0
