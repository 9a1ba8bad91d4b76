with

named_months as (
    select * from {{ ref('int_named_entity_months') }}
),

whole_months as (
    select period_start as last_month
    from {{ ref('int_period_coverage') }}
    where period_grain = 'month' and is_latest_complete
),

-- A slip of a year is not where the data end.
data_months as (
    select
        cast(date_trunc('month', first_date) as date) as first_month,
        cast(date_trunc('month', last_date) as date) as last_month
    from {{ ref('int_data_span') }}
),

measured as (
    select
        *,
        sum(interactions) over (
            partition by dimension, entity_key
            order by month_start desc
            rows between unbounded preceding and current row
        ) as interactions_since,
        sum(interactions) over (partition by dimension, entity_key) as all_interactions,
        {{ squared_bend(
            'entity_value / day_count', 'value_squares / ' ~ squared('day_count'),
            'along'
        ) }} as squared_bend
    from named_months
    window along as (
        partition by dimension, entity_key, is_complete
        order by month_start
    )
),

histories as (
    select
        dimension,
        entity_key,
        min(case when interactions > 0 then month_start end) as first_month,
        max(case when interactions > 0 then month_start end) as last_month,
        max(
            case
                when interactions_since >= {{ var('newest_share') }} * all_interactions
                    then month_start
            end
        ) as mostly_since,
        {{ exact_sum('case when is_complete then coalesce('
            ~ squared('entity_value') ~ ' / nullif(value_squares, 0), 0) end', 10) }}
        / sum(case when is_complete then day_count end) as daily_orders,
        {{ dispersion('case when is_complete then squared_bend end') }} as dispersion
    from measured
    group by dimension, entity_key
)

select
    histories.dimension,
    histories.entity_key,
    histories.first_month,
    histories.last_month,
    histories.mostly_since,
    histories.last_month >= data_months.last_month
    and histories.mostly_since >= data_months.last_month - interval 1 month
        as is_newest,
    case
        when
            histories.first_month > data_months.first_month
            and histories.first_month > whole_months.last_month - interval 12 month
            then histories.first_month
    end as new_since,
    case
        when histories.last_month < whole_months.last_month - interval 1 month
            then histories.last_month
    end as last_before_gone,
    coalesce(histories.daily_orders, 0) as daily_orders,
    -- Few months say little of one entity: it varies as half of its dimension do, or
    -- more.
    greatest(
        histories.dispersion,
        {{ quantile('histories.dispersion', 0.5) }} over (
            partition by histories.dimension
        )
    ) as dispersion
from histories
cross join data_months
left join whole_months on true
