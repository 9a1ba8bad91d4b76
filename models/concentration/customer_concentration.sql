with

entities as (
    select * from {{ ref('entity_concentration') }}
    where dimension = 'customer'
)

select
    entity_id as customer_id,
    entity_label as customer_name,
    {{ wide_measures() }}
from entities
group by entity_id, entity_label
