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
calendar_hours as (select * from {{ ref('calendar_hours') }}),
date_hours as (select * from {{ ref('int_date_hours') }}),
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

-- How many days each weekday and each hour could have had a row, and how many had one.
week_slots as (
    select
        'weekday' as dimension,
        {{ weekday_name('weekday_number') }} as slot_name,
        count(*) as day_count,
        count(case when is_active then 1 end) as active_count
    from day_activity
    where is_in_span
    group by weekday_number
    union all
    select
        'hour' as dimension,
        calendar_hours.hour_name as slot_name,
        count(distinct date_hours.date_day) as day_count,
        count(case when date_hours.hour_of_day = calendar_hours.hour_of_day then 1 end)
            as active_count
    from date_hours
    inner join calendar_hours on date_hours.hour_of_day is not null
    group by calendar_hours.hour_name
),

-- The activity that a weekday or hour would have if it were like any other.
compared_slots as (
    select
        *,
        1e0 * sum(active_count) over (partition by dimension)
        / sum(day_count) over (partition by dimension) as usual_share
    from week_slots
),

-- Chance would hardly ever leave a slot that is like the others empty.
closed_slots as (
    select * from compared_slots
    where
        active_count = 0
        and day_count * ln(1 - least(usual_share, {{ var('usual_activity_ceiling') }}))
        < ln({{ var('hole_chance') }})
),

dates as (
    select
        calendar_dates.*,
        case
            when closed_slots.slot_name is null and day_activity.usual_activity is null
                then calendar_dates.date_name
        end as open_date_name
    from calendar_dates
    left join closed_slots
        on
            calendar_dates.weekday_name = closed_slots.slot_name
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
        {{ slot_count }} - count(closed_slots.slot_name) as open_slot_count
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
