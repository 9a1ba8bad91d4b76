{{ config(materialized=view_on_duckdb()) }}

with

entities as (
    select * from {{ ref('entity_ranks') }}
    where dimension = 'hour'
)

select
    entity_id as hour_name,
    cast(entity_id as integer) as hour_of_day,
    {{ wide_measures() }}
from entities
