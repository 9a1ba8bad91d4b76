with

customers as (
    select * from {{ ref('customers') }}
),

products as (
    select * from {{ ref('products') }}
),

calendar_dates as (
    select * from {{ ref('calendar_dates') }}
),

periods as (
    select distinct
        period_grain,
        period_start
    from {{ ref('int_periods') }}
),

index_sums as (
    select * from {{ ref('int_index_sums') }}
),

seen as (
    select
        dimension,
        max(entity_count) as entity_count
    from index_sums
    group by dimension
),

-- What the master files know, seen in the period or not.
known as (
    select
        'customer' as dimension,
        count(*) as population_count
    from customers
    union all
    select
        'product' as dimension,
        count(*) as population_count
    from products
    {% for source_name in ['customers', 'products'] -%}
    {% for dimension in dimensions_from(source_name) -%}
    union all
    select
        '{{ dimension.name }}' as dimension,
        count(distinct {{ dimension.name }}) as population_count
    from {{ source_name }}
    {% endfor -%}
    {% endfor -%}
    union all
    select
        'hour' as dimension,
        24 as population_count
    union all
    select
        'weekday' as dimension,
        7 as population_count
),

-- The days, months and years that the period has within the data's range.
slots as (
    {% for slot in ['date', 'month', 'year'] -%}
    {% for grain in ['all', 'year', 'quarter', 'month'] -%}
    select
        '{{ slot }}' as dimension,
        '{{ grain }}' as period_grain,
        {{ 'min(min(date_day)) over ()' if grain == 'all' else grain ~ '_start' }}
            as period_start,
        count(distinct {{ slot }}_name) as population_count
    from calendar_dates
    {{ 'group by ' ~ grain ~ '_start' if grain != 'all' }}
    {{ 'union all' if not (loop.last and slot == 'year') }}
    {% endfor -%}
    {% endfor -%}
)

select
    known.dimension,
    periods.period_grain,
    periods.period_start,
    known.population_count,
    known.population_count >= coalesce(seen.entity_count, 0) as is_exhaustive
from known
cross join periods
left join seen on known.dimension = seen.dimension
where known.population_count > 0
union all
select
    *,
    true as is_exhaustive
from slots
where period_start is not null
