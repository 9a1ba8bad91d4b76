{{ config(materialized='view') }}

with

calendar_dates as (select * from {{ ref('calendar_dates') }}),
entity_totals as (select * from {{ ref('int_entity_totals') }}),

first_days as (
    select coalesce(min(date_day), {{ undated_month() }}) as first_day
    from calendar_dates
),

-- 'all' starts on the first day of the data, or on the first day of the month without
-- days, so that every period has a start.
whole_period as (
    select
        entity_totals.*,
        first_days.first_day
    from entity_totals
    cross join first_days
),

entity_values as (
    {% for relation, grain, start in [
        (ref('int_entity_months'), "'month'", 'month_start'),
        (ref('int_entity_periods'), 'period_grain', 'period_start'),
        ('whole_period', "'all'", 'first_day'),
    ] -%}
    select
        dimension,
        {{ grain }} as period_grain,
        {{ start }} as period_start,
        entity_key,
        {{ columns_of_sums() }}
    from {{ relation }}
    {%- if start == 'month_start' and keeps_undated() %}
    where month_start != {{ undated_month() }}
    {%- endif %}
    {{ 'union all' if not loop.last }}
    {% endfor -%}
)

select * from entity_values
