{#- Longer than others: the history of an entity and its variation are computed from the
    same months. -#}
with

movers as (select * from {{ ref('int_period_movers') }}),

leading_entities as (
    select * from {{ ref('int_leading_entities') }}
    where is_largest and {{ is_business_dimension('dimension') }}
),

entity_months as (
    select * from {{ ref('int_entity_values') }}
    where period_grain = 'month' and interactions > 0
),

-- Every row with a date has a year, so the years of a month add up to the whole
-- measure. They are read separately, because DuckDB materialises a CTE that is used
-- several times.
year_months as (
    select * from {{ ref('int_entity_values') }}
    where period_grain = 'month' and interactions > 0 and dimension = 'year'
),

months as (
    select * from {{ ref('int_period_coverage') }}
    where period_grain = 'month'
),

whole_months as (
    select max(period_start) as last_month
    from months
    where is_latest_complete
),

data_span as (
    {{ data_span(ref('int_day_activity')) }}
),

-- A mistyped year does not extend the data.
data_months as (
    select
        cast(date_trunc('month', first_date) as date) as first_month,
        cast(date_trunc('month', last_date) as date) as last_month
    from data_span
),

entities as (
    select
        dimension,
        entity_key
    from movers
    union distinct
    select
        dimension,
        entity_key
    from leading_entities
),

seen_months as (
    select
        entity_months.dimension,
        entity_months.entity_key,
        entity_months.period_start as month_start,
        entity_months.interactions,
        entity_months.{{ main_measure() }} as entity_value,
        entity_months.{{ main_measure() }}_squared as value_squares
    from entity_months
    inner join entities
        on {{ same_keys('entity_months', 'entities', 'dimension, entity_key') }}
    union all
    select
        'total' as dimension,
        0 as entity_key,
        period_start as month_start,
        interactions,
        {{ main_measure() }} as entity_value,
        {{ main_measure() }}_squared as value_squares
    from year_months
),

seen_entities as (
    select distinct
        dimension,
        entity_key
    from seen_months
),

-- A month without the entity counts as zero.
named_months as (
    select
        seen_entities.dimension,
        seen_entities.entity_key,
        months.period_start as month_start,
        months.is_complete,
        months.day_count,
        coalesce(seen_months.interactions, 0) as interactions,
        coalesce(cast(seen_months.entity_value as double), 0) as entity_value,
        coalesce(cast(seen_months.value_squares as double), 0) as value_squares
    from seen_entities
    cross join months
    left join seen_months
        on
            {{ same_keys('seen_entities', 'seen_months', 'dimension, entity_key') }}
            and months.period_start = seen_months.month_start
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
        {{ dispersion(
            'case when is_complete then squared_bend end',
            var('months_to_see_bursts') - 2
        ) }} as dispersion
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
    -- A few months say little about one entity: its dispersion is at least the median
    -- of its dimension.
    greatest(
        histories.dispersion,
        {{ quantile('histories.dispersion', 0.5) }} over (
            partition by histories.dimension
        )
    ) as dispersion
from histories
cross join data_months
cross join whole_months
