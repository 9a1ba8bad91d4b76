with

entity_quarters as (
    select * from {{ ref('int_entity_quarters') }}
)

select
    dimension,
    entity_id,
    cast(date_trunc('year', quarter_start) as date) as year_start,
    {{ measure_rollup() }}
from entity_quarters
group by dimension, entity_id, year_start
