{{ config(materialized=view_on_duckdb()) }}

with

entities as (
    select * from {{ ref('entity_ranks') }}
    where dimension = 'payment_method'
)

select
    entity_id as payment_method,
    {{ wide_measures() }}
from entities
