{#- Longer than others: it fills in zeros for every slot of five calendars. -#}
{%- set slots = ['year', 'month', 'date', 'weekday', 'hour'] -%}

with

date_hours as (select * from {{ ref('int_date_hours') }}),
calendar_dates as (select * from {{ ref('calendar_dates') }}),
calendar_hours as (select * from {{ ref('calendar_hours') }}),

weekdays as (
    select {{ number_series(1, 7) }} as weekday_number
),

-- Rows without a date have no slot in the calendar, so their value has no entity.
active_slots as (
    select
        coalesce(calendar_dates.month_start, date_hours.month_start) as month_start,
        calendar_dates.year_name,
        calendar_dates.month_name,
        calendar_dates.date_name,
        calendar_dates.weekday_name,
        calendar_hours.hour_name,
        {{ columns_of_sums('date_hours') }}
    from date_hours
    left join calendar_dates on date_hours.date_day = calendar_dates.date_day
    left join calendar_hours on date_hours.hour_of_day = calendar_hours.hour_of_day
),

-- Every day, hour and weekday of a month is included: an empty slot is a zero, not a
-- gap.
empty_slots as (
    select
        calendar_dates.month_start,
        calendar_dates.year_name,
        calendar_dates.month_name,
        calendar_dates.date_name,
        calendar_dates.weekday_name,
        calendar_hours.hour_name
    from calendar_dates
    cross join calendar_hours
    union all
    select distinct
        calendar_dates.month_start,
        calendar_dates.year_name,
        calendar_dates.month_name,
        cast(null as string) as date_name,
        {{ weekday_name('weekdays.weekday_number') }} as weekday_name,
        cast(null as string) as hour_name
    from calendar_dates
    cross join weekdays
),

slots as (
    select * from active_slots
    union all
    select
        *,
        0 as {{ sum_columns() | join(', 0 as ') }}
    from empty_slots
),

summed as (
    select
        case
            {% for slot in slots -%}
            when grouping({{ slot }}_name) = 0 then '{{ slot }}'
            {% endfor -%}
        end as dimension,
        coalesce(year_name, month_name, date_name, weekday_name, hour_name)
            as entity_id,
        month_start,
        {{ measure_rollup() }}
    from slots
    group by grouping sets (
        {%- for slot in slots %}
        (month_start, {{ slot }}_name){{ ',' if not loop.last }}
        {%- endfor %}
    )
)

select
    *,
    {{ attribute_key('entity_id') }} as entity_key
from summed
