{%- set year_start = "cast(date_trunc('year', period_start) as date)" -%}
{{ config(
    materialized=kept_table(),
    pre_hook="{{ forget_stale(
        'int_period_files', ['period_grain', 'period_start', 'period_key']
    ) }}"
) }}

with

period_files as (
    select * from {{ ref('int_period_files') }}
    where period_grain = 'year'
),

-- Customers and products are summed by themselves, by two keys in place of three, and
-- named where they are read, for DuckDB writes down what it is asked for three times.
summed as (
    {%- for dimension, rows in [
        ("'customer'", "dimension = 'customer'"),
        ("'product'", "dimension = 'product'"),
        ('dimension', "dimension not in ('customer', 'product')"),
    ] %}
    select
        {{ dimension }} as dimension,
        entity_id,
        {{ year_start }} as period_start,
        {{ measure_rollup() }}
    from {{ ref('int_entity_quarters') }}
    where
        {{ rows }}
        and {{ is_to_sum('int_period_files', {
            'period_grain': "'year'",
            'period_start': year_start
        }) }}
    group by
        {{ 'dimension,' if dimension == 'dimension' }} entity_id, {{ year_start }}
    {{ 'union all' if not loop.last }}
    {%- endfor %}
)

select
    summed.*,
    period_files.period_grain,
    period_files.period_key
from summed
inner join period_files on summed.period_start = period_files.period_start
