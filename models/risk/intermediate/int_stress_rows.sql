{%- set row_dimensions = [] -%}
{%- for dimension in all_dimensions()
        if dimension.from in ('interactions', 'calendar') -%}
{%- do row_dimensions.append(dimension.name) -%}
{%- endfor -%}
{#- DuckDB reads it once and keeps nothing; Spark would join for each dimension. -#}
{{ config(materialized='table' if target.type == 'spark' else 'view') }}

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

scenarios as (
    select * from {{ ref('int_scenarios') }}
),

all_stressed as (
    select * from {{ ref('int_stressed_entities') }}
),

stressed_entities as (
    select
        all_stressed.scenario_id,
        all_stressed.entity_id,
        scenarios.dimension
    from all_stressed
    inner join scenarios on all_stressed.scenario_id = scenarios.scenario_id
),

-- The customers, the products and the rows that a scenario takes away.
{% for source in ['customer', 'product'] -%}
{{ source }}_hits as (
    select
        stressed_entities.scenario_id,
        {{ source }}s.{{ source }}_key
    from stressed_entities
    inner join {{ source }}s
        on stressed_entities.entity_id = {{ source }}s.{{ source }}_id
    where stressed_entities.dimension = '{{ source }}'
    {%- for dimension in dimensions_from(source ~ 's') %}
    union all
    select
        stressed_entities.scenario_id,
        {{ source }}s.{{ source }}_key
    from stressed_entities
    inner join {{ source }}s
        on stressed_entities.entity_id = {{ source }}s.{{ dimension.name }}
    where stressed_entities.dimension = '{{ dimension.name }}'
    {%- endfor %}
),

{% endfor -%}
hit_rows as (
    {%- for source in ['customer', 'product'] %}
    select
        {{ source }}_hits.scenario_id,
        interaction_facts.*
    from interaction_facts
    inner join {{ source }}_hits
        on interaction_facts.{{ source }}_key = {{ source }}_hits.{{ source }}_key
    {{ 'union all' if not loop.last or row_dimensions }}
    {%- endfor %}
    {%- for name in row_dimensions %}
    select
        stressed_entities.scenario_id,
        interaction_facts.*
    from interaction_facts
    inner join stressed_entities
        on
            {{ dimension_text(name, row_dimension_key(name) | trim) }}
            = stressed_entities.entity_id
            and stressed_entities.dimension = '{{ name }}'
    {{ 'union all' if not loop.last }}
    {%- endfor %}
),

latest as (
    select
        max(case when period_grain = 'year' then period_start end) as year_start,
        max(case when period_grain = 'year' then period_end end) as year_end,
        max(case when period_grain = 'quarter' then period_start end) as quarter_start,
        max(case when period_grain = 'quarter' then period_end end) as quarter_end,
        max(case when period_grain = 'month' then period_start end) as month_start,
        max(case when period_grain = 'month' then period_end end) as month_end
    from {{ ref('int_period_coverage') }}
    where is_latest_complete
),

-- What each row brings of the scenario's measure, and whether that is in the latest
-- complete year, quarter and month.
measured as (
    select
        hit_rows.*,
        case scenarios.measure
            when 'revenue'
                then coalesce(cast(hit_rows.revenue as {{ money_sum_type() }}), 0)
            when 'purchases'
                then case when hit_rows.interaction_type = 'purchase' then 1 else 0 end
            else 1
        end as row_value,
        cast(hit_rows.interacted_at as date) as row_date
    from hit_rows
    inner join scenarios on hit_rows.scenario_id = scenarios.scenario_id
)

select
    measured.scenario_id,
    measured.customer_key,
    measured.product_key,
    {%- for name in row_dimensions %}
    {{ row_dimension_key(name) | replace('interaction_facts.', 'measured.') | trim }}
        as {{ name }}_key,
    {%- endfor %}
    {%- for grain in ['year', 'quarter', 'month'] %}
    case
        when
            measured.row_date
            between latest.{{ grain }}_start and latest.{{ grain }}_end
            then measured.row_value
        else 0
    end as {{ grain }}_value,
    {%- endfor %}
    measured.row_value as all_value
from measured
cross join latest
