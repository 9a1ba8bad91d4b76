with

named_months as (
    select * from {{ ref('int_named_entity_months') }}
),

-- A slip of a year is not where the data end.
data_months as (
    select
        cast(date_trunc('month', first_date) as date) as first_month,
        cast(date_trunc('month', last_date) as date) as last_month
    from {{ ref('int_data_span') }}
),

whole_months as (
    select period_start as last_month
    from {{ ref('int_period_coverage') }}
    where period_grain = 'month' and is_latest_complete
),

counted as (
    select
        *,
        sum(interactions) over (
            partition by dimension, entity_id
            order by month_start desc
            rows between unbounded preceding and current row
        ) as interactions_since,
        sum(interactions) over (partition by dimension, entity_id) as all_interactions
    from named_months
),

spans as (
    select
        dimension,
        entity_id,
        min(month_start) as first_month,
        max(month_start) as last_month,
        max(
            case
                when interactions_since >= {{ var('newest_share') }} * all_interactions
                    then month_start
            end
        ) as mostly_since
    from counted
    group by dimension, entity_id
)

select
    spans.dimension,
    spans.entity_id,
    spans.first_month,
    spans.last_month,
    spans.last_month >= data_months.last_month
    and spans.mostly_since >= data_months.last_month - interval 1 month as is_newest,
    spans.mostly_since,
    case
        when
            spans.first_month > data_months.first_month
            and spans.first_month > whole_months.last_month - interval 12 month
            then spans.first_month
    end as new_since,
    case
        when spans.last_month < whole_months.last_month - interval 1 month
            then spans.last_month
    end as last_before_gone
from spans
cross join data_months
left join whole_months on true
