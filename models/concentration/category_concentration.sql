with

entities as (
    select * from {{ ref('entity_concentration') }}
    where dimension = 'category'
)

select
    entity_id as category,
    {{ wide_measures() }}
from entities
group by entity_id
