{%- set fed = all_dimensions() | map(attribute='name') | list -%}

with

interaction_facts as (
    select * from {{ ref('interaction_facts') }}
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
    select customers.customer_key
    from customers
    inner join entities on customers.customer_id = entities.entity_id
    where entities.dimension = 'customer' and entities.value_rank <= 10
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
        top_customers.customer_key is not null as in_top_customers,
        {%- for dimension in ['category', 'payment_method'] %}
        {% if dimension in fed -%}
        coalesce({{ row_dimension_key(dimension) }} = leaders.{{ dimension }}, false)
        {%- else -%}
        false
        {%- endif %} as in_top_{{ dimension }},
        {%- endfor %}
        coalesce(
            interaction_facts.has_time_of_day
            and mod(hour(interaction_facts.interacted_at) - peak.first_hour + 24, 24)
            < {{ var('peak_hours') }},
            false
        ) as in_peak_hours,
        {{ main_value() }} as revenue
    from interaction_facts
    cross join leaders
    cross join peak
    left join customers on interaction_facts.customer_key = customers.customer_key
    left join products on interaction_facts.product_key = products.product_key
    left join
        top_customers
        on interaction_facts.customer_key = top_customers.customer_key
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
