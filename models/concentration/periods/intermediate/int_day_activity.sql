{#- Longer than others: it finds where the data begin and end and what is usual for a
    silent day, and three comparisons decide whether a silence is a hole. -#}
{%- set around = var('usual_days_around') -%}
{%- set is_same_weekday = 'silent_days.weekday_number = days.weekday_number' -%}
with

date_hours as (select * from {{ ref('int_date_hours') }}),

active_days as (
    select
        date_day,
        lead(date_day) over (order by date_day) as next_day,
        row_number() over (order by date_day) as days_before,
        count(*) over () as day_count
    from date_hours
    where date_day is not null
    group by date_day
),

gaps as (
    select
        *,
        {{ dbt.datediff('date_day', 'next_day', 'day') }} as gap_days,
        days_before < {{ var('stray_days_share') }} * day_count as is_early,
        day_count - days_before < {{ var('stray_days_share') }} * day_count as is_late
    from active_days
),

-- Days beyond a silence longer than any other come from a mistyped year or a test
-- order, unless they are close: a holiday may be as long and fall at the year's end.
judged_gaps as (
    select
        *,
        gap_days > greatest(
            max(case when not is_early and not is_late then gap_days end) over (),
            {{ var('stray_silence_days') }}
        ) as is_long
    from gaps
),

data_span as (
    select
        coalesce(max(case when is_early and is_long then next_day end), min(date_day))
            as first_date,
        coalesce(min(case when is_late and is_long then date_day end), max(date_day))
            as last_date
    from judged_gaps
),

-- Whole years are needed, because days missing before the first and after the last day
-- of the data are also missing in their years. Without dates there is no span and no
-- day: NULL bounds give an empty series.
stamps as (
    select
        first_date,
        last_date,
        {{ day_series(
            "cast(date_trunc('year', first_date) as date)",
            "cast(date_trunc('year', last_date) + interval 12 month as date)"
        ) }} as day_start
    from data_span
),

-- Consecutive silent days have the same number of active days before them.
days as (
    select
        cast(stamps.day_start as date) as date_day,
        {{ iso_weekday('stamps.day_start') }} as weekday_number,
        stamps.day_start between stamps.first_date and stamps.last_date as is_in_span,
        active_days.date_day is not null as is_active,
        count(active_days.date_day) over (
            order by stamps.day_start
            rows between unbounded preceding and current row
        ) as silence_number
    from stamps
    left join active_days
        on
            stamps.day_start = active_days.date_day
            and active_days.date_day between stamps.first_date and stamps.last_date
    where year(stamps.day_start) <= year(stamps.last_date)
),

silent_days as (
    select
        *,
        cast(min(date_day) over silence - interval {{ around }} day as date)
            as first_near,
        cast(max(date_day) over silence + interval {{ around }} day as date)
            as last_near
    from days
    where not is_active
    window silence as (partition by silence_number)
),

-- The days around a silence show what is usual for its weekdays at that time. There may
-- be few days of the same weekday, so an average day is added to them. The active day
-- before a silence has the number of that silence.
judged_days as (
    select
        silent_days.silence_number,
        silent_days.date_day,
        silent_days.is_in_span,
        least(
            (
                count(case when days.is_active and {{ is_same_weekday }} then 1 end)
                + 1e0 * count(case when days.is_active then 1 end) / count(*)
            )
            / (count(case when {{ is_same_weekday }} then 1 end) + 1),
            {{ var('usual_activity_ceiling') }}
        ) as usual_activity
    from silent_days
    inner join days
        on
            days.is_in_span
            and (days.is_active or silent_days.silence_number != days.silence_number)
            and days.date_day between silent_days.first_near and silent_days.last_near
    group by silent_days.silence_number, silent_days.date_day, silent_days.is_in_span
),

silences as (
    select
        silence_number,
        is_in_span,
        min(date_day) as first_day,
        max(date_day) as last_day,
        count(*) as day_count,
        {{ exact_sum('usual_activity') }} as usual_days,
        {{ exact_sum('ln(1 - usual_activity)') }} as log_chance
    from judged_days
    group by silence_number, is_in_span
),

-- If a business invoices once a month, chance explains every silence; there, a silence
-- stands out if it is twice as long as its peers, the others around it.
unusual_silences as (
    select
        silences.silence_number,
        silences.usual_days
    from silences
    left join silences as peers
        on
            silences.day_count > {{ var('stray_silence_days') }}
            and silences.silence_number != peers.silence_number
            and peers.is_in_span
            and {{ dbt.datediff('peers.last_day', 'silences.first_day', 'day') }}
            <= {{ around }}
            and {{ dbt.datediff('silences.last_day', 'peers.first_day', 'day') }}
            <= {{ around }}
    group by
        silences.silence_number,
        silences.usual_days,
        silences.day_count,
        silences.log_chance
    having
        silences.log_chance < ln({{ var('hole_chance') }})
        or silences.day_count > 2 * max(peers.day_count)
),

unusual_days as (
    select
        judged_days.*,
        unusual_silences.usual_days
    from judged_days
    inner join unusual_silences
        on judged_days.silence_number = unusual_silences.silence_number
),

inside_days as (
    select * from unusual_days
    where is_in_span
),

-- A closing that recurs every year at that time, such as in August, is usual.
yearly_closings as (
    select silence_number
    from unusual_days
    where
        exists (
            select 1
            from inside_days
            where
                {{ dbt.datediff(
                    'inside_days.date_day', 'unusual_days.date_day', 'day'
                ) }} in (-364, 364)
        )
    group by silence_number, usual_days
    having {{ exact_sum('usual_activity') }} >= usual_days / 2
)

select
    days.*,
    case
        when yearly_closings.silence_number is null then unusual_days.usual_activity
    end as usual_activity
from days
left join unusual_days on days.date_day = unusual_days.date_day
left join yearly_closings on days.silence_number = yearly_closings.silence_number
