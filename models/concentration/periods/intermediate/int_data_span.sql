with

active_days as (
    select distinct cast(interacted_at as date) as date_day
    from {{ ref('interaction_facts') }}
    where interacted_at is not null
),

numbered as (
    select
        date_day,
        lead(date_day) over (order by date_day) as next_day,
        row_number() over (order by date_day) as days_before,
        count(*) over () as day_count
    from active_days
),

silences as (
    select
        *,
        {{ dbt.datediff('date_day', 'next_day', 'day') }} as gap_days,
        days_before < {{ var('stray_days_share') }} * day_count as is_at_start,
        day_count - days_before < {{ var('stray_days_share') }} * day_count as is_at_end
    from numbered
),

-- Days beyond a silence longer than any other come from a mistyped year or a test
-- order, unless they are close: a holiday may be as long and fall at the year's end.
judged as (
    select
        *,
        gap_days > greatest(
            max(case when not is_at_start and not is_at_end then gap_days end) over (),
            {{ var('stray_silence_days') }}
        ) as is_long
    from silences
)

select
    coalesce(max(case when is_at_start and is_long then next_day end), min(date_day))
        as first_date,
    coalesce(min(case when is_at_end and is_long then date_day end), max(date_day))
        as last_date
from judged
having count(*) > 0
