with

entities as (
    select * from {{ ref('int_entity_ranks') }}
    where dimension = 'customer_segment'
)

select
    entity_id as customer_segment,
    {{ wide_measures() }}
from entities
