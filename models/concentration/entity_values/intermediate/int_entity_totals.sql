-- depends_on: {{ ref('int_entity_months') }}
with

entity_years as (
    select * from {{ ref('int_entity_periods') }}
    where period_grain = 'year'
),

entity_values as (
    select
        dimension,
        entity_key,
        {{ columns_of_sums() }}
    from entity_years
    {% if keeps_undated() -%}
    union all
    select
        dimension,
        entity_key,
        {{ columns_of_sums() }}
    from {{ ref('int_entity_months') }}
    where month_start = {{ undated_month() }}
    {% endif -%}
)

-- Customers and products are grouped separately, by one key instead of two.
{% for rows, dimension in dimension_groups() -%}
select
    {{ dimension }} as dimension,
    entity_key,
    {{ measure_rollup() }}
from entity_values
where {{ rows }}
group by {{ 'dimension, ' if dimension == 'dimension' }}entity_key
{{ 'union all' if not loop.last }}
{% endfor %}
