{%- set masters = {'customers': 'customer_id', 'products': 'product_id'} -%}
{%- set conditions = [] -%}
{%- for dimension in all_dimensions()
        if dimension.name in ('category', 'payment_method') -%}
{%- do conditions.append({
    'name': dimension.name,
    'source': dimension.from if dimension.from in masters else none,
    'id': masters.get(dimension.from),
    'is_met': row_dimension_key(dimension.name) | trim ~ ' = leaders.' ~ dimension.name
}) -%}
{%- endfor -%}

with

interactions as (
    select * from {{ ref('interactions') }}
    where revenue is not null
),

customers as (
    select * from {{ ref('customers') }}
),

products as (
    select * from {{ ref('products') }}
),

entities as (
    select * from {{ ref('entity_concentration') }}
    where measure = 'revenue' and entity_value > 0
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

-- Who is of the largest is told before rows are joined: what is joined is only ids.
{% for condition in conditions if condition.source -%}
of_top_{{ condition.name }} as (
    select {{ condition.source }}.{{ condition.id }}
    from {{ condition.source }}
    cross join leaders
    where {{ condition.is_met }}
),

{% endfor -%}
flagged as (
    select
        top_customers.entity_id is not null as in_top_customers,
        {%- for name in ['category', 'payment_method'] %}
        {%- set condition = conditions | selectattr('name', 'equalto', name) | first %}
        {% if not condition -%}
        false
        {%- elif condition.source -%}
        of_top_{{ name }}.{{ condition.id }} is not null
        {%- else -%}
        coalesce({{ condition.is_met }}, false)
        {%- endif %} as in_top_{{ name }},
        {%- endfor %}
        coalesce(
            interactions.has_time_of_day
            and mod(hour(interactions.interacted_at) - peak.first_hour + 24, 24)
            < {{ var('peak_hours') }},
            false
        ) as in_peak_hours,
        interactions.revenue
    from interactions
    cross join leaders
    cross join peak
    left join top_customers on interactions.customer_id = top_customers.entity_id
    {%- for condition in conditions if condition.source %}
    {%- set ids = 'of_top_' ~ condition.name %}
    {%- set id = condition.id %}
    left join {{ ids }} on interactions.{{ id }} = {{ ids }}.{{ id }}
    {%- endfor %}
)


select
    in_top_customers,
    in_top_category,
    in_top_payment_method,
    in_peak_hours,
    sum(revenue) as revenue
from flagged
group by in_top_customers, in_top_category, in_top_payment_method, in_peak_hours
