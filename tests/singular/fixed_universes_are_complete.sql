-- A shop that never sells on Sundays still has seven weekdays in the lists; its indices
-- cover the six that are open. Without any date there is nothing to list.
with

hourly_concentration as (select * from {{ ref('hourly_concentration') }}),
weekday_concentration as (select * from {{ ref('weekday_concentration') }}),
concentration_indices as (select * from {{ ref('concentration_indices') }}),
calendar_dates as (select * from {{ ref('calendar_dates') }}),

slots as (
    select
        'hourly_concentration' as found_in,
        24 as expected_count,
        count(distinct hour_of_day) as slot_count
    from hourly_concentration
    union all
    select
        'weekday_concentration' as found_in,
        7 as expected_count,
        count(distinct weekday_number) as slot_count
    from weekday_concentration
    union all
    select
        concat_ws(' ', dimension, period_grain, cast(period_start as string), measure)
            as found_in,
        population_count as expected_count,
        entity_count + nonpositive_entity_count as slot_count
    from concentration_indices
    where dimension in ('hour', 'weekday')
)

select * from slots
where
    slot_count != expected_count
    and exists (select 1 from calendar_dates)
