with

entities as (
    select * from {{ ref('entity_concentration') }}
    where dimension = 'payment_method'
)

select
    entity_id as payment_method,
    {{ wide_measures() }}
from entities
group by entity_id
