with

interaction_facts as (select * from {{ ref('interaction_facts') }}),

bounds as (
    select
        cast(min(interacted_at) as date) as first_date,
        cast(max(interacted_at) as date) as last_date
    from interaction_facts
),

-- Without rows there are no days: NULL bounds give an empty series.
stamps as (
    select {{ day_series('first_date', 'last_date') }} as day_start
    from bounds
),

days as (
    select cast(day_start as date) as date_day from stamps
)

select
    cast(date_day as string) as date_name,
    substr(cast(date_day as string), 1, 7) as month_name,
    substr(cast(date_day as string), 1, 4) as year_name,
    {{ weekday_name(iso_weekday('date_day')) }} as weekday_name,
    {{ iso_weekday('date_day') }} as weekday_number,
    date_day,
    cast(date_trunc('month', date_day) as date) as month_start,
    cast(date_trunc('quarter', date_day) as date) as quarter_start,
    cast(date_trunc('year', date_day) as date) as year_start
from days
