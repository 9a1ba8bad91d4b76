{{ config(materialized=view_on_duckdb()) }}

with

entities as (
    select * from {{ ref('entity_ranks') }}
    where dimension = 'weekday'
)

select
    entity_id as weekday_name,
    {{ weekday_number('entity_id') }} as weekday_number,
    {{ wide_measures() }}
from entities
