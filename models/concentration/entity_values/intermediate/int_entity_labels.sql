{{ config(materialized=view_on_duckdb()) }}

with

customers as (select * from {{ ref('customers') }}),
products as (select * from {{ ref('products') }}),
text_months as (select * from {{ ref('int_entity_text_months') }}),

row_names as (
    {{ most_frequent_texts('name') }}
),

attributes as (
    {%- for months in ['int_entity_months', 'int_attribute_months'] %}
    select
        dimension,
        entity_key,
        entity_id,
        entity_id as entity_label
    from {{ ref(months) }}
    where entity_id is not null
    {{ 'union' if not loop.last }}
    {%- endfor %}
)

-- An entity without a name in the master files takes the name that its rows give it
-- most often, or otherwise its id.
{% for kind in ['customer', 'product'] -%}
select
    '{{ kind }}' as dimension,
    {{ kind }}s.{{ kind }}_key as entity_key,
    {{ kind }}s.{{ kind }}_id as entity_id,
    coalesce(
        {{ kind }}s.{{ kind }}_name, row_names.entity_text, {{ kind }}s.{{ kind }}_id
    ) as entity_label
from {{ kind }}s
left join row_names
    on
        {{ kind }}s.{{ kind }}_key = row_names.entity_key
        and row_names.dimension = '{{ kind }}'
union all
{% endfor -%}
select * from attributes
