{{ config(materialized=view_on_duckdb()) }}

with

entities as (
    select * from {{ ref('entity_ranks') }}
    where dimension = 'date'
)

select
    cast(entity_id as date) as date_day,
    {{ wide_measures() }}
from entities
