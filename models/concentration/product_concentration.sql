with

entities as (
    select * from {{ ref('entity_concentration') }}
    where dimension = 'product'
)

select
    entity_id as product_id,
    entity_label as product_name,
    {{ wide_measures() }}
from entities
group by entity_id, entity_label
