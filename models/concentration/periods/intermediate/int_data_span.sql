with

interaction_facts as (select * from {{ ref('interaction_facts') }}),

active_days as (
    select distinct cast(interacted_at as date) as date_day
    from interaction_facts
    where interacted_at is not null
),

numbered as (
    select
        date_day,
        lead(date_day) over (order by date_day) as next_day,
        row_number() over (order by date_day) as days_before,
        count(*) over () - row_number() over (order by date_day) as days_after,
        {{ var('stray_days_share') }} * count(*) over () as stray_days
    from active_days
),

silences as (
    select
        date_day,
        next_day,
        {{ dbt.datediff('date_day', 'next_day', 'day') }} as gap_days,
        days_before < stray_days as is_at_start,
        days_after < stray_days as is_at_end
    from numbered
),

-- A holiday may be the longest silence of a year and come at its end, where few days
-- follow: days that are close are not errors.
near as (
    select
        greatest(
            coalesce(max(gap_days), 1), {{ var('stray_silence_days') }}
        ) as gap_days
    from silences
    where not is_at_start and not is_at_end
),

judged as (
    select
        silences.date_day,
        silences.next_day,
        silences.is_at_start and silences.gap_days > near.gap_days as is_before_data,
        silences.is_at_end and silences.gap_days > near.gap_days as is_after_data
    from silences
    cross join near
)

-- Days beyond a silence longer than any other come from a mistyped year or a test
-- order; they are not where the business began or ended.
select
    coalesce(max(case when is_before_data then next_day end), min(date_day))
        as first_date,
    coalesce(min(case when is_after_data then date_day end), max(date_day))
        as last_date
from judged
having count(*) > 0
