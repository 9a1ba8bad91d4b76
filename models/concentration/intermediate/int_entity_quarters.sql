with

entity_months as (
    select * from {{ ref('int_entity_months') }}
)

select
    dimension,
    entity_id,
    cast(date_trunc('quarter', month_start) as date) as quarter_start,
    {{ measure_rollup() }}
from entity_months
group by dimension, entity_id, quarter_start
