{#- Longer than others: one pass over the rows checks all conditions, and four of them
    are described in the same way. Each condition is a bit, and a set of conditions is a
    number. -#}
{%- set conditions = {
    1: 'ten largest ' ~ label_for_several('customer'),
    2: 'largest ' ~ label_for_one('category'),
    4: 'main payment method',
    8: 'peak hours'
} -%}
{%- set fed = all_dimensions() | map(attribute='name') | list -%}
{%- set value = main_value(
    'interaction_facts.interaction_type', 'interaction_facts.revenue'
) -%}
with

interaction_facts as (select * from {{ ref('interaction_facts') }}),
customers as (select * from {{ ref('customers') }}),
products as (select * from {{ ref('products') }}),

entities as (
    select * from {{ ref('entity_concentration') }}
    where measure = '{{ main_measure() }}' and entity_value > 0
),

hours as (select * from {{ ref('hourly_concentration') }}),

first_hours as (
    select * from hours
),

top_customers as (
    select customers.customer_key
    from customers
    inner join entities on customers.customer_id = entities.entity_id
    where entities.dimension = 'customer' and entities.value_rank <= 10
),

leaders as (
    select
        max(case when dimension = 'category' then entity_id end) as category,
        max(case when dimension = 'payment_method' then entity_id end) as payment_method
    from entities
    where value_rank = 1
),

-- The clock is a circle: a window may begin before midnight and end after it.
windows as (
    select
        first_hours.hour_of_day as first_hour,
        row_number() over (
            order by sum(hours.{{ main_measure() }}) desc, first_hours.hour_of_day
        ) as place
    from first_hours
    inner join hours
        on
            mod(hours.hour_of_day - first_hours.hour_of_day + 24, 24)
            < {{ var('peak_hours') }}
    group by first_hours.hour_of_day
),

peak as (
    select * from windows
    where place = 1
),

flagged as (
    select
        case when top_customers.customer_key is not null then 1 else 0 end
        {%- for dimension, bit in {'category': 2, 'payment_method': 4}.items()
            if dimension in fed %}
        + case
            when {{ row_dimension_key(dimension) }} = leaders.{{ dimension }}
                then {{ bit }}
            else 0
        end
        {%- endfor %}
        + case
            when
                interaction_facts.has_time_of_day
                and mod(
                    hour(interaction_facts.interacted_at) - peak.first_hour + 24, 24
                ) < {{ var('peak_hours') }}
                then 8
            else 0
        end as condition_bits,
        {{ value }} as revenue
    from interaction_facts
    cross join leaders
    cross join peak
    left join customers on interaction_facts.customer_key = customers.customer_key
    left join products on interaction_facts.product_key = products.product_key
    left join top_customers
        on interaction_facts.customer_key = top_customers.customer_key
    where {{ value }} is not null
),

cells as (
    select
        condition_bits,
        sum(revenue) as revenue
    from flagged
    group by condition_bits
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

-- A condition that the export has no data for never holds, so nothing coincides with
-- it.
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
