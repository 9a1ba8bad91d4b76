{%- set fed = all_dimensions() | map(attribute='name') | list -%}

with

interactions as (
    select * from {{ ref('interactions') }}
),

customers as (
    select * from {{ ref('customers') }}
),

products as (
    select * from {{ ref('products') }}
),

entities as (
    select * from {{ ref('entity_concentration') }}
    where measure = '{{ main_measure() }}' and entity_value > 0
),

top_customers as (
    select entity_id
    from entities
    where dimension = 'customer' and value_rank <= 10
),

leaders as (
    select
        max(case when dimension = 'category' then entity_id end) as category,
        max(case when dimension = 'payment_method' then entity_id end) as payment_method
    from entities
    where value_rank = 1
),

peak as (
    select * from {{ ref('int_peak_hours') }}
),

flagged as (
    select
        top_customers.entity_id is not null as in_top_customers,
        {%- for dimension in ['category', 'payment_method'] %}
        {% if dimension in fed -%}
        coalesce({{ row_dimension_key(dimension) }} = leaders.{{ dimension }}, false)
        {%- else -%}
        false
        {%- endif %} as in_top_{{ dimension }},
        {%- endfor %}
        coalesce(
            interactions.has_time_of_day
            and mod(hour(interactions.interacted_at) - peak.first_hour + 24, 24)
            < {{ var('peak_hours') }},
            false
        ) as in_peak_hours,
        {{ main_value() }} as revenue
    from interactions
    cross join leaders
    cross join peak
    left join customers on interactions.customer_id = customers.customer_id
    left join products on interactions.product_id = products.product_id
    left join top_customers on interactions.customer_id = top_customers.entity_id
    where {{ main_value() }} is not null
)

select
    in_top_customers,
    in_top_category,
    in_top_payment_method,
    in_peak_hours,
    sum(revenue) as revenue
from flagged
group by in_top_customers, in_top_category, in_top_payment_method, in_peak_hours
