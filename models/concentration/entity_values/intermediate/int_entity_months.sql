{{ config(materialized='view') }}

with

entity_months as (
    {%- for source_name in ['customer', 'product'] %}
    select
        '{{ source_name }}' as dimension,
        {{ source_name }}_key as entity_key,
        month_start,
        {{ columns_of_sums() }}
    from {{ ref('int_' ~ source_name ~ '_months') }}
    union all
    {%- endfor %}
    {%- for source_name in ['described', 'row', 'calendar'] %}
    select
        dimension,
        entity_key,
        month_start,
        {{ columns_of_sums() }}
    from {{ ref('int_' ~ source_name ~ '_attribute_months') }}
    where dimension is not null
    {{ 'union all' if not loop.last }}
    {%- endfor %}
)

select * from entity_months
