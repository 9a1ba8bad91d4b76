with

entity_years as (
    select * from {{ ref('int_entity_years') }}
)

select
    dimension,
    entity_id,
    {{ measure_rollup() }}
from entity_years
group by dimension, entity_id
