{#- Longer than others: three comparisons decide whether a silence is a hole. -#}
with

silent_days as (select * from {{ ref('int_silent_days') }}),

silences as (
    select
        silence_number,
        min(date_day) as first_day,
        max(date_day) as last_day,
        min(is_in_span) as is_in_span,
        count(*) as day_count,
        {{ exact_sum('usual_activity') }} as usual_days,
        {{ exact_sum('ln(1 - usual_activity)') }} as log_chance
    from silent_days
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
            and other_silences.last_day >= cast(
                silences.first_day - interval {{ var('usual_days_around') }} day as date
            )
            and other_silences.first_day <= cast(
                silences.last_day + interval {{ var('usual_days_around') }} day as date
            )
    where silences.day_count > {{ var('stray_silence_days') }}
    group by silences.silence_number
),

unusual as (
    select silences.*
    from silences
    left join longest on silences.silence_number = longest.silence_number
    where
        silences.log_chance < ln({{ var('hole_chance') }})
        or silences.day_count > 2 * longest.day_count
),

unusual_days as (
    select
        silent_days.*,
        unusual.is_in_span as is_inside
    from silent_days
    inner join unusual on silent_days.silence_number = unusual.silence_number
),

inside_days as (
    select * from unusual_days
    where is_inside
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
    unusual.silence_number,
    unusual.first_day,
    unusual.last_day,
    unusual.is_in_span,
    unusual.day_count,
    unusual.usual_days
from unusual
left join seasons on unusual.silence_number = seasons.silence_number
where coalesce(seasons.usual_days, 0) < unusual.usual_days / 2
