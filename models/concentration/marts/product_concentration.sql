{{ config(materialized=view_on_duckdb()) }}

with

entities as (
    select * from {{ ref('entity_ranks') }}
    where dimension = 'product'
)

select
    entity_id as product_id,
    entity_label as product_name,
    {{ wide_measures() }}
from entities
