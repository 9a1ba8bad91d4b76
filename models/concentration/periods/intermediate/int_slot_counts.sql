{#- Longer than others: it counts calendars both with and without closed slots. -#}
with

calendar_dates as (
    select * from {{ ref('calendar_dates') }}
),

closed_slots as (
    select * from {{ ref('int_closed_slots') }}
),

silent_days as (
    select * from {{ ref('int_silent_days') }}
),

holes as (
    select * from {{ ref('int_holes') }}
),

coverage as (
    select * from {{ ref('int_period_coverage') }}
),

missing_days as (
    select silent_days.date_day
    from silent_days
    inner join holes on silent_days.silence_number = holes.silence_number
),

dates as (
    select
        calendar_dates.*,
        case
            when closed_slots.entity_id is null and missing_days.date_day is null
                then calendar_dates.date_name
        end as open_date_name,
        calendar_dates.month_name as open_month_name,
        calendar_dates.year_name as open_year_name
    from calendar_dates
    left join closed_slots
        on
            calendar_dates.weekday_name = closed_slots.entity_id
            and closed_slots.dimension = 'weekday'
    left join missing_days on calendar_dates.date_day = missing_days.date_day
),

-- The days, months and years that the period has within the data's range.
date_slots as (
    {% for slot in ['date', 'month', 'year'] -%}
    {% for grain in ['all', 'year', 'quarter', 'month'] -%}
    select
        '{{ slot }}' as dimension,
        '{{ grain }}' as period_grain,
        {{ 'min(min(date_day)) over ()' if grain == 'all' else grain ~ '_start' }}
            as period_start,
        count(distinct {{ slot }}_name) as slot_count,
        count(distinct open_{{ slot }}_name) as open_slot_count
    from dates
    {{ 'group by ' ~ grain ~ '_start' if grain != 'all' }}
    {{ 'union all' if not loop.last }}
    {% endfor -%}
    {{ 'union all' if not loop.last }}
    {% endfor -%}
),

hour_slots as (
    {% for dimension, slot_count in [('hour', 24), ('weekday', 7)] -%}
    select
        '{{ dimension }}' as dimension,
        {{ slot_count }} as slot_count,
        {{ slot_count }} - count(*) as open_slot_count
    from closed_slots
    where dimension = '{{ dimension }}'
    {{ 'union all' if not loop.last }}
    {% endfor -%}
),

slots as (
    select * from date_slots
    where period_start is not null
    union all
    select
        hour_slots.dimension,
        coverage.period_grain,
        coverage.period_start,
        hour_slots.slot_count,
        hour_slots.open_slot_count
    from hour_slots
    cross join coverage
),

-- A year that the data cover only in part cannot be compared with a complete one.
whole_years as (
    select min(is_complete) as are_covered
    from coverage
    where period_grain = 'year'
)

select
    slots.dimension,
    slots.period_grain,
    slots.period_start,
    slots.slot_count,
    slots.open_slot_count,
    slots.dimension not in ('year', 'month')
    or case slots.period_grain
        when 'all' then whole_years.are_covered
        else coverage.is_complete
    end as is_covered
from slots
cross join whole_years
inner join coverage
    on {{ same_keys('slots', 'coverage', 'period_grain, period_start') }}
