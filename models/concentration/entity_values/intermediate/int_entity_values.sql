{{ config(materialized='view') }}

with

entity_values as (
    {%- for relation, grain, start in [
        (ref('int_entity_months'), "'month'", 'month_start'),
        (ref('int_entity_periods'), 'period_grain', 'period_start'),
    ] %}
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
    {%- endfor %}
)

select * from entity_values
