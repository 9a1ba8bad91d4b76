{{ config(materialized=view_on_duckdb()) }}

with

entities as (
    select * from {{ ref('entity_ranks') }}
    where dimension = 'month'
)

select
    entity_id as month_name,
    cast(concat(entity_id, '-01') as date) as month_start,
    {{ wide_measures() }}
from entities
