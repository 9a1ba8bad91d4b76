{%- set grains = ['all', 'year', 'quarter', 'month'] -%}
{%- set sums = [] -%}
{%- for grain in grains -%}
{%- do sums.append('sum(' ~ grain ~ '_value) as ' ~ grain ~ '_value') -%}
{%- endfor -%}
{%- set owners = {'customer': 'customers', 'product': 'products'} -%}
with

stress_rows as (
    select * from {{ ref('int_stress_rows') }}
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

limited as (
    select distinct
        dimension,
        measure,
        period_grain
    from {{ ref('limit_status') }}
    where is_latest_complete and status != 'not_measurable'
),

{% for source in owners -%}
{{ source }}_losses as (
    select
        scenario_id,
        {{ source }}_key,
        {{ sums | join(', ') }}
    from stress_rows
    where {{ source }}_key is not null
    group by scenario_id, {{ source }}_key
),

{% endfor -%}
-- What each entity of a dimension with a limit loses; of customers and products what
-- they have in common is summed from theirs.
losses as (
    {%- for source, described in owners.items() %}
    select
        '{{ source }}' as dimension,
        scenario_id,
        {{ source }}_key as entity_key,
        {{ grains | join('_value, ') }}_value
    from {{ source }}_losses
    {%- for dimension in dimensions_from(described) %}
    union all
    select
        '{{ dimension.name }}' as dimension,
        {{ source }}_losses.scenario_id,
        {{ attribute_key(described ~ '.' ~ dimension.name) }} as entity_key,
        {{ sums | join(', ') }}
    from {{ source }}_losses
    inner join {{ described }}
        on {{ source }}_losses.{{ source }}_key = {{ described }}.{{ source }}_key
    where '{{ dimension.name }}' in (select limited.dimension from limited)
    group by {{ source }}_losses.scenario_id, {{ described }}.{{ dimension.name }}
    {%- endfor %}
    {{ 'union all' if not loop.last }}
    {%- endfor %}
    {%- for dimension in all_dimensions()
            if dimension.from in ('interactions', 'calendar') %}
    union all
    select
        '{{ dimension.name }}' as dimension,
        scenario_id,
        {{ attribute_key(
            dimension_text(dimension.name, dimension.name ~ '_key') | trim
        ) }} as entity_key,
        {{ sums | join(', ') }}
    from stress_rows
    where '{{ dimension.name }}' in (select limited.dimension from limited)
    group by scenario_id, {{ dimension.name }}_key
    {%- endfor %}
),

grains as (
    {%- for grain in grains %}
    select '{{ grain }}' as period_grain
    {{ 'union all' if not loop.last }}
    {%- endfor %}
),

grain_losses as (
    select
        losses.scenario_id,
        losses.dimension,
        losses.entity_key,
        grains.period_grain,
        case grains.period_grain
            {%- for grain in grains %}
            when '{{ grain }}' then losses.{{ grain }}_value
            {%- endfor %}
        end as grain_value
    from losses
    cross join grains
    where losses.entity_key is not null
)

select
    grain_losses.scenario_id,
    grain_losses.dimension,
    scenarios.measure,
    grain_losses.period_grain,
    grain_losses.entity_key,
    {{ rounded_to_sum(
        'cast(grain_losses.grain_value as double)'
        ~ ' * cast(scenarios.lost_share as double)'
    ) }} as value_lost
from grain_losses
inner join scenarios on grain_losses.scenario_id = scenarios.scenario_id
inner join limited
    on
        grain_losses.dimension = limited.dimension
        and scenarios.measure = limited.measure
        and grain_losses.period_grain = limited.period_grain
where grain_losses.grain_value != 0
