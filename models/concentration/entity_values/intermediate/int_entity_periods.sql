{{ config(materialized='kept', incremental_strategy='by_period') }}

with

whole_data as (
    select min(period_start) as first_day from {{ ref('int_periods') }}
    where period_grain = 'all'
)

-- Rows without a date belong to no quarter and to no year, and rows without an
-- attribute to no dimension.
{% for grain in ['quarter', 'year', 'all'] -%}
{% set is_last_grain = loop.last -%}
{% set start = "cast(date_trunc('" ~ grain ~ "', month_start) as date)" -%}
{% for months, dimension, entity in tables_of_months() -%}
select
    '{{ grain }}' as period_grain,
    {{ '(select first_day from whole_data)' if grain == 'all' else start }}
        as period_start,
    {{ dimension }} as dimension,
    {{ entity }} as entity_key,
    {{ measure_rollup() }}
from {{ ref(months) }}
where
    {{ dimension }} is not null
    {{ 'and month_start != ' ~ undated_month() if grain != 'all' }}
group by
    {{ 'dimension, ' if dimension == 'dimension' }}{{ entity }}
    {{- ', ' ~ start if grain != 'all' }}
{{ 'union all' if not (loop.last and is_last_grain) }}
{% endfor -%}
{% endfor %}
