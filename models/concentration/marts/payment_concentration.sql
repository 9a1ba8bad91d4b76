{{ config(materialized=published_view()) }}

with

entities as (
    select * from {{ ref('entity_ranks') }}
    where dimension = 'payment_method'
)

select
    entity_id as payment_method,
    {{ wide_measures() }}
from entities
