{#- Longer than others: it says what is usual for a silent day, and three comparisons
   decide whether a silence is a hole. -#}
{%- set around = var('usual_days_around') -%}
{%- set is_same_weekday = 'silent_days.weekday_number = days.weekday_number' -%}
with

days as (select * from {{ ref('int_day_activity') }}),

silent_days as (
    select
        *,
        min(date_day) over silence as first_day,
        max(date_day) over silence as last_day
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
            and days.date_day
            >= cast(silent_days.first_day - interval {{ around }} day as date)
            and days.date_day
            <= cast(silent_days.last_day + interval {{ around }} day as date)
    group by silent_days.silence_number, silent_days.date_day, silent_days.is_in_span
),

silences as (
    select
        silence_number,
        min(date_day) as first_day,
        max(date_day) as last_day,
        min(is_in_span) as is_in_span,
        count(*) as day_count,
        {{ exact_sum('usual_activity') }} as usual_days,
        {{ exact_sum('ln(1 - usual_activity)') }} as log_chance
    from judged_days
    group by silence_number
),

other_silences as (
    select * from silences
    where is_in_span
),

-- If a business invoices once a month, chance explains every silence; there, a silence
-- stands out if it is twice as long as the others around it.
longest as (
    select
        silences.silence_number,
        max(other_silences.day_count) as day_count
    from silences
    left join other_silences
        on
            silences.silence_number != other_silences.silence_number
            and other_silences.last_day
            >= cast(silences.first_day - interval {{ around }} day as date)
            and other_silences.first_day
            <= cast(silences.last_day + interval {{ around }} day as date)
    where silences.day_count > {{ var('stray_silence_days') }}
    group by silences.silence_number
),

unusual_days as (
    select
        judged_days.*,
        silences.usual_days
    from judged_days
    inner join silences on judged_days.silence_number = silences.silence_number
    left join longest on judged_days.silence_number = longest.silence_number
    where
        silences.log_chance < ln({{ var('hole_chance') }})
        or silences.day_count > 2 * longest.day_count
),

inside_days as (
    select * from unusual_days
    where is_in_span
),

-- A closing that recurs every year at that time, such as in August, is usual.
seasons as (
    select
        unusual_days.silence_number,
        {{ exact_sum('unusual_days.usual_activity') }} as usual_days
    from unusual_days
    where
        exists (
            select 1
            from inside_days
            where
                inside_days.date_day
                = cast(unusual_days.date_day - interval 364 day as date)
                or inside_days.date_day
                = cast(unusual_days.date_day + interval 364 day as date)
        )
    group by unusual_days.silence_number
)

select
    unusual_days.silence_number,
    unusual_days.date_day,
    unusual_days.is_in_span,
    unusual_days.usual_activity
from unusual_days
left join seasons on unusual_days.silence_number = seasons.silence_number
where coalesce(seasons.usual_days, 0) < unusual_days.usual_days / 2
