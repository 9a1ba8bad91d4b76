{{ config(materialized=published_view()) }}

with

entities as (
    select * from {{ ref('entity_ranks') }}
    where dimension = 'customer_segment'
)

select
    entity_id as customer_segment,
    {{ wide_measures() }}
from entities
