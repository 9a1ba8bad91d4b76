{{ config(materialized='kept', incremental_strategy='by_period') }}
-- depends_on: {{ ref('int_periods') }}

-- Rows without a date belong to no quarter and to no year, and rows without an
-- attribute to no dimension.
{% for grain in ['quarter', 'year'] -%}
{% set is_last_grain = loop.last -%}
{% set start = "cast(date_trunc('" ~ grain ~ "', month_start) as date)" -%}
{% for months, rows, dimension in groups_of_months() -%}
select
    '{{ grain }}' as period_grain,
    {{ start }} as period_start,
    {{ dimension }} as dimension,
    entity_key,
    {{ measure_rollup() }}
from {{ ref(months) }}
where {{ rows }} and month_start != {{ undated_month() }}
group by {{ 'dimension, ' if dimension == 'dimension' }}entity_key, {{ start }}
{{ 'union all' if not (loop.last and is_last_grain) }}
{% endfor -%}
{% endfor %}
