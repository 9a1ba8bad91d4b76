{{ config(materialized=view_on_duckdb()) }}

with

entities as (
    select * from {{ ref('entity_ranks') }}
    where dimension = 'customer_segment'
)

select
    entity_id as customer_segment,
    {{ wide_measures() }}
from entities
