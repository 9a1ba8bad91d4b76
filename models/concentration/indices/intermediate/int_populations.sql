{#- Longer than others: files know some populations, and the calendar knows the others,
    with and without closed slots. -#}
with

customers as (
    select * from {{ ref('customers') }}
    where is_described
),

products as (
    select * from {{ ref('products') }}
    where is_described
),

calendar_dates as (select * from {{ ref('calendar_dates') }}),
closed_slots as (select * from {{ ref('int_closed_slots') }}),
day_activity as (select * from {{ ref('int_day_activity') }}),
periods as (select * from {{ ref('int_periods') }}),
coverage as (select * from {{ ref('int_period_coverage') }}),

-- All entities of the master files, whether or not they were seen in the period.
known as (
    {%- for source_name in ['customers', 'products'] %}
    select
        '{{ source_name[:-1] }}' as dimension,
        count(*) as population_count
    from {{ source_name }}
    {%- for dimension in dimensions_from(source_name) %}
    union all
    select
        '{{ dimension.name }}' as dimension,
        count(distinct {{ dimension.name }}) as population_count
    from {{ source_name }}
    {%- endfor %}
    {{ 'union all' if not loop.last }}
    {%- endfor %}
),

dates as (
    select
        calendar_dates.*,
        case
            when closed_slots.entity_id is null and day_activity.usual_activity is null
                then calendar_dates.date_name
        end as open_date_name
    from calendar_dates
    left join closed_slots
        on
            calendar_dates.weekday_name = closed_slots.entity_id
            and closed_slots.dimension = 'weekday'
    left join day_activity on calendar_dates.date_day = day_activity.date_day
),

-- The days, months and years that the period has within the data's range, and the hours
-- and weekdays of any period.
slots as (
    {%- for slot, open_slot in [
        ('date', 'open_date'), ('month', 'month'), ('year', 'year')
    ] %}
    select
        '{{ slot }}' as dimension,
        periods.period_grain,
        periods.period_start,
        count(distinct dates.{{ slot }}_name) as slot_count,
        count(distinct dates.{{ open_slot }}_name) as open_slot_count
    from dates
    inner join periods on dates.month_start = periods.month_start
    group by periods.period_grain, periods.period_start
    union all
    {%- endfor %}
    {%- for dimension, slot_count in [('hour', 24), ('weekday', 7)] %}
    select
        '{{ dimension }}' as dimension,
        coverage.period_grain,
        coverage.period_start,
        {{ slot_count }} as slot_count,
        {{ slot_count }} - count(closed_slots.entity_id) as open_slot_count
    from coverage
    left join closed_slots on closed_slots.dimension = '{{ dimension }}'
    group by coverage.period_grain, coverage.period_start
    {{ 'union all' if not loop.last }}
    {%- endfor %}
),

-- A year that the data cover only in part cannot be compared with a complete one.
whole_years as (
    select min(is_complete) as are_covered
    from coverage
    where period_grain = 'year'
)

select
    known.dimension,
    coverage.period_grain,
    coverage.period_start,
    known.population_count,
    cast(null as bigint) as slot_count,
    true as is_covered
from known
cross join coverage
where known.population_count > 0
union all
select
    slots.dimension,
    slots.period_grain,
    slots.period_start,
    slots.open_slot_count as population_count,
    slots.slot_count,
    slots.dimension not in ('year', 'month')
    or case slots.period_grain
        when 'all' then whole_years.are_covered
        else coverage.is_complete
    end as is_covered
from slots
cross join whole_years
inner join coverage
    on {{ same_keys('slots', 'coverage', 'period_grain, period_start') }}
