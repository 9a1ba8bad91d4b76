{#- Longer than others: one pass over the rows gives the losses of all dimensions. -#}
{%- set own = dimensions_from('interactions') + dimensions_from('calendar') -%}
{%- set keys = {'customer': 'customer_key', 'product': 'product_key'} -%}
{%- for dimension in own -%}
{%- do keys.update({dimension.name: dimension.name ~ '_key'}) -%}
{%- endfor -%}
{%- set marks = 'scenario_bits, in_year, in_quarter, in_month' -%}
with

stress_rows as (
    select * from {{ ref('int_stress_rows') }}
),

members as (
    select * from {{ ref('int_entity_members') }}
),

scenarios as (
    select * from {{ ref('int_scenarios') }}
),

limited as (
    select distinct
        dimension,
        measure,
        period_grain
    from {{ ref('int_limit_values') }}
    where is_latest_complete and status != 'not_measurable'
),

tries as (
    select
        limited.*,
        scenarios.scenario_id,
        scenarios.scenario_bit,
        cast(scenarios.lost_share as double) as lost_share,
        row_number() over (
            order by
                scenarios.scenario_id,
                limited.dimension,
                limited.measure,
                limited.period_grain
        ) as try_number
    from limited
    inner join scenarios on limited.measure = scenarios.measure
),

-- What the same scenarios take of an entity is one sum, however many they are.
own_cells as (
    select
        case
            {%- for dimension, key in keys.items() %}
            when grouping({{ key }}) = 0 then '{{ dimension }}'
            {%- endfor %}
        end as dimension,
        coalesce(
            customer_key,
            product_key
            {%- for dimension in own %},
            {{ attribute_key(
                dimension_text(dimension.name, dimension.name ~ '_key') | trim
            ) }}
            {%- endfor %}
        ) as entity_key,
        {{ marks }},
        count(*) as interactions,
        sum(case when is_purchase then 1 else 0 end) as purchases,
        sum(revenue) as revenue
    from stress_rows
    group by grouping sets ( -- noqa: PRS
        {%- for key in keys.values() %}
        ({{ key }}, {{ marks }}){{ ',' if not loop.last }}
        {%- endfor %}
    )
),

-- What customers and products have in common is summed from theirs.
cells as (
    select * from own_cells
    where entity_key is not null
    {%- for owner in ['customer', 'product'] %}
    union all
    select
        members.dimension,
        {{ attribute_key('members.entity_id') }} as entity_key,
        {{ marks }},
        sum(own_cells.interactions) as interactions,
        sum(own_cells.purchases) as purchases,
        sum(own_cells.revenue) as revenue
    from own_cells
    inner join members on own_cells.entity_key = members.{{ owner }}_key
    where
        own_cells.dimension = '{{ owner }}'
        and members.dimension != '{{ owner }}'
        and members.dimension in (select limited.dimension from limited)
    group by members.dimension, members.entity_id, {{ marks }}
    {%- endfor %}
),

losses as (
    select
        tries.try_number,
        cells.entity_key,
        sum(coalesce({{ measure_value('tries.measure', 'cells') }}, 0)) as loss
    from cells
    inner join tries
        on
            cells.dimension = tries.dimension
            and (cells.scenario_bits & tries.scenario_bit) != 0
            and case tries.period_grain
                when 'year' then cells.in_year
                when 'quarter' then cells.in_quarter
                when 'month' then cells.in_month
                else true
            end
    group by tries.try_number, cells.entity_key
)

select
    tries.try_number,
    tries.scenario_id,
    tries.dimension,
    tries.measure,
    tries.period_grain,
    losses.entity_key,
    {{ rounded_to_sum('cast(losses.loss as double) * tries.lost_share') }} as value_lost
from losses
inner join tries on losses.try_number = tries.try_number
where losses.loss != 0
