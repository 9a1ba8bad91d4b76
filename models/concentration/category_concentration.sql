with

entities as (
    select * from {{ ref('int_entity_ranks') }}
    where dimension = 'category'
)

select
    entity_id as category,
    {{ wide_measures() }}
from entities
