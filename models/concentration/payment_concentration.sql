with

entities as (
    select * from {{ ref('int_entity_ranks') }}
    where dimension = 'payment_method'
)

select
    entity_id as payment_method,
    {{ wide_measures() }}
from entities
