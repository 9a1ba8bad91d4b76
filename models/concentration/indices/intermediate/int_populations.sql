with

customers as (
    select * from {{ ref('customers') }}
    where is_described
),

products as (
    select * from {{ ref('products') }}
    where is_described
),

slot_counts as (
    select * from {{ ref('int_slot_counts') }}
),

periods as (
    select distinct
        period_grain,
        period_start
    from {{ ref('int_periods') }}
),

-- All entities of the master files, whether or not they were seen in the period.
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
)

select
    known.dimension,
    periods.period_grain,
    periods.period_start,
    known.population_count,
    cast(null as bigint) as slot_count,
    true as is_covered
from known
cross join periods
where known.population_count > 0
union all
select
    dimension,
    period_grain,
    period_start,
    open_slot_count as population_count,
    slot_count,
    is_covered
from slot_counts
