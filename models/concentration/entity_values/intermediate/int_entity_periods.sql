{{ config(materialized='kept', incremental_strategy='by_period') }}

with

whole_data as (
    select min(period_start) as first_day from {{ ref('int_periods') }}
    where period_grain = 'all'
)

-- Rows without a date belong to no quarter and to no year. Customers and products are
-- grouped separately, by one key less. Each branch names its source, because DuckDB
-- materialises a CTE that is used several times.
{% for grain in ['quarter', 'year', 'all'] -%}
{% set is_last_grain = loop.last -%}
{% set start = "cast(date_trunc('" ~ grain ~ "', month_start) as date)" -%}
{% for rows, dimension in dimension_groups() -%}
select
    '{{ grain }}' as period_grain,
    {{ '(select first_day from whole_data)' if grain == 'all' else start }}
        as period_start,
    {{ dimension }} as dimension,
    entity_key,
    {{ measure_rollup() }}
from {{ ref('int_entity_months') }}
where {{ rows }}{{ ' and month_start != ' ~ undated_month() if grain != 'all' }}
group by
    {{ 'dimension, ' if dimension == 'dimension' }}entity_key
    {{- ', ' ~ start if grain != 'all' }}
{{ 'union all' if not (loop.last and is_last_grain) }}
{% endfor -%}
{% endfor %}
