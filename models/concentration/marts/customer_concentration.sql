{{ config(materialized=view_on_duckdb()) }}

with

entities as (
    select * from {{ ref('entity_ranks') }}
    where dimension = 'customer'
)

select
    entity_id as customer_id,
    entity_label as customer_name,
    {{ wide_measures() }}
from entities
