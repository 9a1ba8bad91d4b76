with

named_months as (
    select * from {{ ref('int_named_entity_months') }}
),

months as (
    select
        period_start as month_start,
        1e0 + {{ dbt.datediff('period_start', 'period_end', 'day') }} as day_count
    from {{ ref('int_period_coverage') }}
    where period_grain = 'month' and is_complete
),

entities as (
    select distinct
        dimension,
        entity_id
    from named_months
),

-- Of a month in which nothing happened, nothing.
rates as (
    select
        entities.dimension,
        entities.entity_id,
        months.month_start,
        coalesce(named_months.entity_value, 0) / months.day_count
            as daily_value,
        coalesce(named_months.value_squares, 0) / {{ squared('months.day_count') }}
            as daily_variance,
        coalesce(
            {{ squared('named_months.entity_value') }}
            / nullif(named_months.value_squares, 0), 0
        ) as month_orders,
        months.day_count
    from entities
    cross join months
    left join named_months
        on
            entities.dimension = named_months.dimension
            and entities.entity_id = named_months.entity_id
            and months.month_start = named_months.month_start
),

bends as (
    select
        dimension,
        entity_id,
        month_orders,
        day_count,
        {{ squared_bend('daily_value', 'daily_variance', 'along') }} as squared_bend
    from rates
    window along as (partition by dimension, entity_id order by month_start)
),

dispersions as (
    select
        dimension,
        entity_id,
        {{ exact_sum('month_orders', 10) }} / sum(day_count) as daily_orders,
        {{ dispersion('squared_bend') }} as dispersion
    from bends
    group by dimension, entity_id
),

usual_dispersions as (
    select
        dimension,
        {{ quantile('dispersion', 0.5) }} as dispersion
    from dispersions
    group by dimension
)

-- Few months say little of one entity: it varies as half of its dimension do, or more.
select
    dispersions.dimension,
    dispersions.entity_id,
    dispersions.daily_orders,
    greatest(dispersions.dispersion, usual_dispersions.dispersion) as dispersion
from dispersions
inner join usual_dispersions
    on dispersions.dimension = usual_dispersions.dimension
