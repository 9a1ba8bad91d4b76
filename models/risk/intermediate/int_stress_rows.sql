{#- What a scenario can name of a customer, a product, a day and an hour. -#}
{%- set sources = {
    'customer': ('customers', 'customer_key', {'customer': 'customer_id'}),
    'product': ('products', 'product_key', {'product': 'product_id'}),
    'day': ('calendar_dates', 'date_day', {
        'year': 'year_name', 'month': 'month_name', 'date': 'date_name',
        'weekday': 'weekday_name'
    }),
    'hour': ('calendar_hours', 'hour_of_day', {'hour': 'hour_name'})
} -%}
{%- for table, key, columns in sources.values() -%}
{%- for dimension in dimensions_from(table) -%}
{%- do columns.update({dimension.name: dimension.name}) -%}
{%- endfor -%}
{%- endfor -%}
{%- set grains = ['year', 'quarter', 'month'] -%}
{%- set own = dimensions_from('interactions') | map(attribute='name') | list -%}
{%- set calendar = dimensions_from('calendar') | map(attribute='name') | list -%}
{#- DuckDB reads it once and keeps nothing; Spark would join for each dimension. -#}
{{ config(materialized='table' if target.type == 'spark' else 'view') }}

with

interaction_facts as (
    select * from {{ ref('interaction_facts') }}
),

{% for name in sources.values() | map('first') -%}
{{ name }} as (
    select * from {{ ref(name) }}
),

{% endfor -%}
scenarios as (
    select * from {{ ref('int_scenarios') }}
),

all_stressed as (
    select * from {{ ref('int_stressed_entities') }}
),

stressed_entities as (
    select
        scenarios.dimension,
        all_stressed.entity_id,
        bit_or(scenarios.scenario_bit) as scenario_bits
    from all_stressed
    inner join scenarios on all_stressed.scenario_id = scenarios.scenario_id
    group by scenarios.dimension, all_stressed.entity_id
),

-- Which scenarios take a customer, a product, a day or an hour away.
{% for source, (table, key, columns) in sources.items() -%}
{{ source }}_dimensions as (
    {%- for dimension, column in columns.items() %}
    select
        {{ table }}.{{ key }},
        stressed_entities.scenario_bits
    from {{ table }}
    inner join stressed_entities
        on {{ table }}.{{ column }} = stressed_entities.entity_id
    where stressed_entities.dimension = '{{ dimension }}'
    {{ 'union all' if not loop.last }}
    {%- endfor %}
),

{{ source }}_hits as (
    select
        {{ key }},
        bit_or(scenario_bits) as scenario_bits
    from {{ source }}_dimensions
    group by {{ key }}
),

{% endfor -%}
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
        {%- for hits in (sources | list) + own %}
        {{ '| ' if not loop.first }}coalesce({{ hits }}_hits.scenario_bits, 0)
        {%- endfor %}
            as scenario_bits
    from interaction_facts
    cross join latest
    left join customer_hits
        on interaction_facts.customer_key = customer_hits.customer_key
    left join product_hits on interaction_facts.product_key = product_hits.product_key
    left join day_hits
        on cast(interaction_facts.interacted_at as date) = day_hits.date_day
    left join hour_hits
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
