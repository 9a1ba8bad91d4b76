with

entities as (
    select * from {{ ref('entity_concentration') }}
    where dimension = 'customer_segment'
)

select
    entity_id as customer_segment,
    {{ wide_measures() }}
from entities
group by entity_id
