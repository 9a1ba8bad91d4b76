{{ config(materialized='kept', incremental_strategy='by_period') }}
-- depends_on: {{ ref('int_period_files') }}

with

entity_months as (
    select
        *,
        cast(date_trunc('quarter', month_start) as date) as quarter_start
    from {{ ref('int_entity_months') }}
    -- Rows without a date belong to no quarter.
    where month_start != {{ undated_month() }}
),

-- Customers and products are grouped separately, by two keys instead of three.
summed as (
    {%- for rows, dimension in dimension_groups() %}
    select
        {{ dimension }} as dimension,
        entity_key,
        quarter_start as period_start,
        {{ measure_rollup() }}
    from entity_months
    where {{ rows }}
    group by {{ 'dimension, ' if dimension == 'dimension' }}entity_key, quarter_start
    {{ 'union all' if not loop.last }}
    {%- endfor %}
)

select
    'quarter' as period_grain,
    summed.*
from summed
