{#- Longer than others: all conditions are looked for in one pass over the rows. -#}
{%- set fed = all_dimensions() | map(attribute='name') | list -%}
{%- set value = main_value(
    'interaction_facts.interaction_type', 'interaction_facts.revenue'
) -%}
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

hours as (
    select * from {{ ref('hourly_concentration') }}
),

first_hours as (
    select * from hours
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

-- Round the clock: a window may begin before midnight and end after it.
windows as (
    select
        first_hours.hour_of_day as first_hour,
        row_number() over (
            order by sum(hours.{{ main_measure() }}) desc, first_hours.hour_of_day
        ) as place
    from first_hours
    inner join hours
        on
            mod(hours.hour_of_day - first_hours.hour_of_day + 24, 24)
            < {{ var('peak_hours') }}
    group by first_hours.hour_of_day
),

peak as (
    select * from windows
    where place = 1
),

flagged as (
    select
        case when top_customers.customer_key is not null then 1 else 0 end
        {%- for dimension, bit in {'category': 2, 'payment_method': 4}.items()
            if dimension in fed %}
        + case
            when {{ row_dimension_key(dimension) }} = leaders.{{ dimension }}
                then {{ bit }}
            else 0
        end
        {%- endfor %}
        + case
            when
                interaction_facts.has_time_of_day
                and mod(
                    hour(interaction_facts.interacted_at) - peak.first_hour + 24, 24
                ) < {{ var('peak_hours') }}
                then 8
            else 0
        end as condition_bits,
        {{ value }} as revenue
    from interaction_facts
    cross join leaders
    cross join peak
    left join customers on interaction_facts.customer_key = customers.customer_key
    left join products on interaction_facts.product_key = products.product_key
    left join top_customers
        on interaction_facts.customer_key = top_customers.customer_key
    where {{ value }} is not null
)

select
    condition_bits,
    sum(revenue) as revenue
from flagged
group by condition_bits
