-- depends_on: {{ ref('int_entity_months') }}
with

entity_years as (
    select * from {{ ref('int_entity_years') }}
),

entity_values as (
    select
        dimension,
        entity_id,
        {{ columns_of_sums() }}
    from entity_years
    {% if keeps_undated() -%}
    union all
    select
        dimension,
        entity_id,
        {{ columns_of_sums() }}
    from {{ ref('int_entity_months') }}
    where month_start = {{ undated_month() }}
    {% endif -%}
)

select
    dimension,
    entity_id,
    {{ measure_rollup() }}
from entity_values
group by dimension, entity_id
