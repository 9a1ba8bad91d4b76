{{ config(materialized='kept', incremental_strategy='by_period') }}
-- depends_on: {{ ref('int_period_files') }}

with

entity_quarters as (
    select
        *,
        cast(date_trunc('year', period_start) as date) as year_start
    from {{ ref('int_entity_quarters') }}
),

-- Customers and products are grouped separately, by two keys instead of three.
summed as (
    {%- for rows, dimension in dimension_groups() %}
    select
        {{ dimension }} as dimension,
        entity_key,
        year_start as period_start,
        {{ measure_rollup() }}
    from entity_quarters
    where {{ rows }}
    group by {{ 'dimension, ' if dimension == 'dimension' }}entity_key, year_start
    {{ 'union all' if not loop.last }}
    {%- endfor %}
)

select
    'year' as period_grain,
    summed.*
from summed
