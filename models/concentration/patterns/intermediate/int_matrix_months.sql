{{ config(materialized='kept', incremental_strategy='by_description') }}
-- depends_on: {{ ref('int_periods') }}

with

interaction_facts as (select * from {{ ref('interaction_facts') }}),
customers as (select * from {{ ref('customers') }}),
products as (select * from {{ ref('products') }}),

described as (
    select
        {%- for dimension in matrix_dimensions() %}
        {{ row_dimension_key(dimension) }} as {{ dimension }}_key,
        {%- endfor %}
        interaction_facts.month_start,
        interaction_facts.interaction_type,
        interaction_facts.revenue
    from interaction_facts
    left join customers on interaction_facts.customer_key = customers.customer_key
    left join products on interaction_facts.product_key = products.product_key
)

-- One pass over the rows is enough: all pairs are sums of these.
select
    {%- for dimension in matrix_dimensions() %}
    {{ dimension }}_key,
    {%- endfor %}
    month_start,
    {{ measure_sums() }}
from described
group by {{ matrix_dimensions() | join('_key, ') }}_key, month_start
