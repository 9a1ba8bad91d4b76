{#- Longer than others: it computes circular statistics for three calendars step by
   step. -#}
with

entities as (
    select * from {{ ref('entity_concentration') }}
    where dimension in ('hour', 'weekday', 'month')
),

calendar_dates as (select * from {{ ref('calendar_dates') }}),
calendar_hours as (select * from {{ ref('calendar_hours') }}),

index_sums as (
    select * from {{ ref('int_index_sums') }}
    where period_grain = 'all'
),

-- How often each slot occurs between the first and the last day of the data.
occurrences as (
    select
        'hour' as dimension,
        calendar_hours.hour_name as entity_id,
        count(*) as day_count
    from calendar_dates
    cross join calendar_hours
    group by calendar_hours.hour_name
    union all
    select
        'weekday' as dimension,
        weekday_name as entity_id,
        count(*) as day_count
    from calendar_dates
    group by weekday_name
    union all
    select
        'month' as dimension,
        month_name as entity_id,
        count(*) as day_count
    from calendar_dates
    group by month_name
),

slots as (
    select
        entities.dimension,
        entities.measure,
        entities.entity_id as slot,
        coalesce(occurrences.day_count, 0) as day_count,
        entities.entity_value as slot_value,
        coalesce(entities.value_share, 0) as value_share,
        entities.value_rank,
        {{ share_of('greatest(entities.entity_value, 0)', 'occurrences.day_count') }}
            as value_per_day,
        case entities.dimension
            when 'hour' then 2 * pi() * cast(entities.entity_id as integer) / 24
            when 'weekday'
                then 2 * pi() * ({{ weekday_number('entities.entity_id') }} - 1) / 7
        end as angle
    from entities
    left join
        occurrences
        on {{ same_keys('entities', 'occurrences', 'dimension, entity_id') }}
),

directions as (
    select
        slots.dimension,
        slots.measure,
        max(case when slots.value_rank = 1 and slots.slot_value > 0 then slots.slot end)
            as peak_slot,
        {{ exact_sum('slots.value_share * cos(slots.angle)') }} as east,
        {{ exact_sum('slots.value_share * sin(slots.angle)') }} as north,
        {{ exact_sum('slots.value_per_day') }} as value_per_day,
        -- The number of equal-sized transactions that carry the same information.
        1 / max(index_sums.transaction_hhi) as effective_rows
    from slots
    left join
        index_sums
        on {{ same_keys('slots', 'index_sums', 'dimension, measure') }}
    group by slots.dimension, slots.measure
),

patterns as (
    select
        *,
        sqrt({{ squared('east') }} + {{ squared('north') }}) as resultant_length,
        case
            when atan2(north, east) < 0 then atan2(north, east) + 2 * pi()
            else atan2(north, east)
        end as mean_angle
    from directions
)

select
    slots.dimension,
    slots.measure,
    slots.slot,
    slots.day_count,
    slots.slot_value,
    slots.value_share,
    slots.value_per_day / nullif(patterns.value_per_day, 0) as adjusted_share,
    patterns.peak_slot,
    -- If all directions cancel out, there is no meaningful mean.
    case
        when patterns.resultant_length < 1e-9 then null
        when slots.dimension = 'hour' then patterns.mean_angle / (2 * pi()) * 24
        when slots.dimension = 'weekday' then patterns.mean_angle / (2 * pi()) * 7 + 1
    end as circular_mean,
    patterns.resultant_length,
    {{ rayleigh_z('patterns.effective_rows', 'patterns.resultant_length') }}
        as rayleigh_z,
    {{ rayleigh_p('patterns.effective_rows', 'patterns.resultant_length') }}
        as rayleigh_p
from slots
inner join
    patterns
    on {{ same_keys('slots', 'patterns', 'dimension, measure') }}
