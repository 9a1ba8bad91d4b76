with

entities as (
    select * from {{ ref('int_entity_ranks') }}
    where dimension = 'date'
)

select
    cast(entity_id as date) as date_day,
    {{ wide_measures() }}
from entities
