{#- Longer than others: one pass over the rows finds all that any scenario takes. -#}
{%- set grains = ['year', 'quarter', 'month'] -%}
{%- set own = dimensions_from('interactions') | map(attribute='name') | list -%}
{%- set calendar = dimensions_from('calendar') | map(attribute='name') | list -%}
{%- set members = ['customer', 'product', 'day', 'hour'] -%}
{#- DuckDB reads it once and keeps nothing; Spark would join for each dimension. -#}
{{ config(materialized='table' if target.type == 'spark' else 'view') }}

with

interaction_facts as (
    select * from {{ ref('interaction_facts') }}
),

members as (
    select * from {{ ref('int_entity_members') }}
),

stressed_entities as (
    select
        dimension,
        entity_id,
        bit_or(scenario_bit) as scenario_bits
    from {{ ref('int_stressed_entities') }}
    group by dimension, entity_id
),

-- Which scenarios take a customer, a product, a day or an hour away.
member_hits as (
    select
        members.customer_key,
        members.product_key,
        members.date_day,
        members.hour_of_day,
        bit_or(stressed_entities.scenario_bits) as scenario_bits
    from members
    inner join stressed_entities
        on {{ same_keys('members', 'stressed_entities', 'dimension, entity_id') }}
    group by
        members.customer_key,
        members.product_key,
        members.date_day,
        members.hour_of_day
),

latest as (
    select
        {% for grain in grains -%}
        max(case when period_grain = '{{ grain }}' then period_start end)
            as {{ grain }}_start,
        max(case when period_grain = '{{ grain }}' then period_end end)
            as {{ grain }}_end,
        {% endfor -%}
        count(*) as grain_count
    from {{ ref('int_period_coverage') }}
    where is_latest_complete
),

marked as (
    select
        {%- for name in own + calendar %}
        {{ row_dimension_key(name) | trim }} as {{ name }}_key,
        {%- endfor %}
        {%- for grain in grains %}
        coalesce(
            cast(interaction_facts.interacted_at as date)
            between latest.{{ grain }}_start and latest.{{ grain }}_end,
            false
        ) as in_{{ grain }},
        {%- endfor %}
        interaction_facts.customer_key,
        interaction_facts.product_key,
        interaction_facts.interaction_type = 'purchase' as is_purchase,
        interaction_facts.revenue,
        {%- for hits in members + own %}
        {{ '| ' if not loop.first }}coalesce({{ hits }}_hits.scenario_bits, 0)
        {%- endfor %}
            as scenario_bits
    from interaction_facts
    cross join latest
    left join member_hits as customer_hits
        on {{ same_keys('interaction_facts', 'customer_hits', 'customer_key') }}
    left join member_hits as product_hits
        on {{ same_keys('interaction_facts', 'product_hits', 'product_key') }}
    left join member_hits as day_hits
        on cast(interaction_facts.interacted_at as date) = day_hits.date_day
    left join member_hits as hour_hits
        on
            interaction_facts.has_time_of_day
            and hour(interaction_facts.interacted_at) = hour_hits.hour_of_day
    {%- for name in own %}
    left join stressed_entities as {{ name }}_hits
        on
            interaction_facts.{{ name }} = {{ name }}_hits.entity_id
            and {{ name }}_hits.dimension = '{{ name }}'
    {%- endfor %}
)

select * from marked
where scenario_bits > 0
