-- A day missing from the calendar would be missing from every figure by day, month and
-- weekday.
with

interaction_facts as (select * from {{ ref('interaction_facts') }}),
calendar_dates as (select * from {{ ref('calendar_dates') }}),

active_days as (
    select distinct cast(interacted_at as date) as date_day
    from interaction_facts
    where interacted_at is not null
),

followed_days as (
    select
        date_day,
        lead(date_day) over (order by date_day) as next_day
    from calendar_dates
)

select
    active_days.date_day,
    'has interactions but is not in the calendar' as problem
from active_days
left join calendar_dates on active_days.date_day = calendar_dates.date_day
where calendar_dates.date_day is null
union all
select
    date_day,
    'is not followed by the next day' as problem
from followed_days
where {{ dbt.datediff('date_day', 'next_day', 'day') }} != 1
