{{ config(materialized=view_on_duckdb()) }}

with

entities as (
    select * from {{ ref('entity_ranks') }}
    where dimension = 'category'
)

select
    entity_id as category,
    {{ wide_measures() }}
from entities
