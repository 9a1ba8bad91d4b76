{{ config(materialized='kept', incremental_strategy='by_period') }}
-- depends_on: {{ ref('int_periods') }}

with

entity_months as (
    select
        *,
        cast(date_trunc('quarter', month_start) as date) as quarter_start,
        cast(date_trunc('year', month_start) as date) as year_start
    from {{ ref('int_entity_months') }}
    -- Rows without a date belong to no quarter and to no year.
    where month_start != {{ undated_month() }}
)

-- Customers and products are grouped separately, by two keys instead of three.
{% for grain in ['quarter', 'year'] -%}
{% set is_last_grain = loop.last -%}
{% for rows, dimension in dimension_groups() -%}
select
    '{{ grain }}' as period_grain,
    {{ grain }}_start as period_start,
    {{ dimension }} as dimension,
    entity_key,
    {{ measure_rollup() }}
from entity_months
where {{ rows }}
group by
    {{ 'dimension, ' if dimension == 'dimension' }}entity_key, {{ grain }}_start
{{ 'union all' if not (loop.last and is_last_grain) }}
{% endfor -%}
{% endfor %}
