{{ config(materialized='kept', incremental_strategy='by_period') }}

with

whole_data as (
    select min(period_start) as first_day from {{ ref('int_periods') }}
    where period_grain = 'all'
)

-- Rows without a date belong to no quarter and to no year, and rows without an
-- attribute to no dimension.
{% for grain in ['all', 'quarter', 'year'] -%}
{% set is_last_grain = loop.last -%}
{% set start = '(select whole_data.first_day from whole_data)' if grain == 'all'
    else "cast(date_trunc('" ~ grain ~ "', month_start) as date)" -%}
{% for months, rows, dimension in groups_of_months() -%}
select
    '{{ grain }}' as period_grain,
    {{ start }} as period_start,
    {{ dimension }} as dimension,
    entity_key,
    {{ measure_rollup() }}
from {{ ref(months) }}
where {{ rows }} {{- ' and month_start != ' ~ undated_month() if grain != 'all' }}
group by
    {{ 'dimension, ' if dimension == 'dimension' }}entity_key
    {{- ', ' ~ start if grain != 'all' }}
{{ 'union all' if not (loop.last and is_last_grain) }}
{% endfor -%}
{% endfor %}
