with

entities as (
    select * from {{ ref('entity_concentration') }}
    where dimension = 'date'
)

select
    cast(entity_id as date) as date_day,
    {{ wide_measures() }}
from entities
group by entity_id
