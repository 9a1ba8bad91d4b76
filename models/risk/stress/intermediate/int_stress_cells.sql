{#- Longer than others: one pass over the rows finds what all scenarios remove from all
    dimensions. -#}
{%- set own = dimensions_from('interactions') + dimensions_from('calendar') -%}
{%- set keys = {'customer': 'customer_key', 'product': 'product_key'} -%}
{%- for dimension in own -%}
{%- do keys.update({dimension.name: dimension.name ~ '_key'}) -%}
{%- endfor -%}
{%- set marks = 'scenario_bits, period_bits' -%}
with

all_facts as (select * from {{ ref('interaction_facts') }}),

members as (
    {{ entity_members(['customers', 'products', 'calendar_dates', 'calendar_hours']) }}
),

{% for owner in ['customer', 'product'] -%}
{{ owner }}_groups as (
    {{ entity_members([owner ~ 's']) }}
),

{% endfor -%}
stressed_entities as (select * from {{ ref('int_stressed_entities') }}),
periods as (select * from {{ ref('int_periods') }}),

entity_scenarios as (
    select
        dimension,
        entity_id,
        bit_or(scenario_bit) as scenario_bits
    from stressed_entities
    group by dimension, entity_id
),

-- The dimensions and periods in which a loss matters: those with limits, and the one
-- that a scenario affects.
distributions as (
    select
        dimension,
        period_grain
    from {{ ref('limit_status') }}
    where is_latest_complete and status != 'not_measurable'
    union distinct
    select
        dimension,
        'all' as period_grain
    from stressed_entities
),

latest as (
    select * from {{ ref('int_period_coverage') }}
    where
        is_latest_complete
        and period_grain in (select distributions.period_grain from distributions)
),

months as (
    select
        periods.month_start,
        bit_or({{ period_bit('periods.period_grain') }}) as period_bits
    from periods
    inner join latest
        on {{ same_keys('periods', 'latest', 'period_grain, period_start') }}
    group by periods.month_start
),

-- The scenarios in which a row can be lost because it has a value in their measure.
measured as (
    select
        {%- for measure in measures() %}
        coalesce(bit_or(case when measure = '{{ measure }}' then scenario_bit end), 0)
            as {{ measure }}_bits{{ ',' if not loop.last }}
        {%- endfor %}
    from stressed_entities
),

-- The scenarios that remove a customer, a product, a day or an hour.
hits as (
    select
        members.customer_key,
        members.product_key,
        members.date_day,
        members.hour_of_day,
        bit_or(entity_scenarios.scenario_bits) as scenario_bits
    from members
    inner join entity_scenarios
        on {{ same_keys('members', 'entity_scenarios', 'dimension, entity_id') }}
    group by
        members.customer_key,
        members.product_key,
        members.date_day,
        members.hour_of_day
),

-- Most rows have nothing to lose and need no lookup.
interaction_facts as (
    select
        all_facts.*,
        all_facts.interaction_type = 'purchase' as is_purchase,
        measured.interactions_bits
        | case
            when all_facts.interaction_type = 'purchase' then measured.purchases_bits
            else 0
        end
        | case when all_facts.revenue != 0 then measured.revenue_bits else 0 end
            as losable_bits
    from all_facts
    cross join measured
),

marked as (
    select
        interaction_facts.customer_key,
        interaction_facts.product_key,
        {%- for dimension in own %}
        {{ row_dimension_key(dimension.name) | trim }} as {{ dimension.name }}_key,
        {%- endfor %}
        interaction_facts.is_purchase,
        interaction_facts.revenue,
        months.period_bits,
        interaction_facts.losable_bits & (
            coalesce(customer_hits.scenario_bits, 0)
            | coalesce(product_hits.scenario_bits, 0)
            | coalesce(day_hits.scenario_bits, 0)
            | coalesce(hour_hits.scenario_bits, 0)
            {%- for dimension in dimensions_from('interactions') %}
            | coalesce({{ dimension.name }}_hits.scenario_bits, 0)
            {%- endfor %}
        ) as scenario_bits
    from interaction_facts
    inner join months on {{ same_keys('interaction_facts', 'months', 'month_start') }}
    left join hits as customer_hits
        on {{ same_keys('interaction_facts', 'customer_hits', 'customer_key') }}
    left join hits as product_hits
        on {{ same_keys('interaction_facts', 'product_hits', 'product_key') }}
    left join hits as day_hits
        on cast(interaction_facts.interacted_at as date) = day_hits.date_day
    left join hits as hour_hits
        on
            interaction_facts.has_time_of_day
            and hour(interaction_facts.interacted_at) = hour_hits.hour_of_day
    {%- for dimension in dimensions_from('interactions') %}
    left join entity_scenarios as {{ dimension.name }}_hits
        on
            interaction_facts.{{ dimension.name }} = {{ dimension.name }}_hits.entity_id
            and {{ dimension.name }}_hits.dimension = '{{ dimension.name }}'
    {%- endfor %}
    where interaction_facts.losable_bits > 0
),

-- The amount that the same scenarios remove from an entity is one sum, however many
-- there are.
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
        count(case when is_purchase then 1 end) as purchases,
        sum(revenue) as revenue
    from marked
    where scenario_bits > 0
    group by grouping sets (
        {%- for key in keys.values() %}
        ({{ key }}, {{ marks }}){{ ',' if not loop.last }}
        {%- endfor %}
    )
),

-- The sums of attributes come from those of customers and products.
cells as (
    select * from own_cells
    where
        entity_key is not null
        and dimension in (select distributions.dimension from distributions)
    {%- for owner in ['customer', 'product'] %}
    union all
    select
        {{ owner }}_groups.dimension,
        {{ attribute_key(owner ~ '_groups.entity_id') }} as entity_key,
        own_cells.scenario_bits,
        own_cells.period_bits,
        cast(sum(own_cells.interactions) as bigint) as interactions,
        cast(sum(own_cells.purchases) as bigint) as purchases,
        sum(own_cells.revenue) as revenue
    from own_cells
    inner join {{ owner }}_groups
        on own_cells.entity_key = {{ owner }}_groups.{{ owner }}_key
    where
        own_cells.dimension = '{{ owner }}'
        and {{ owner }}_groups.dimension != '{{ owner }}'
        and {{ owner }}_groups.dimension
        in (select distributions.dimension from distributions)
    group by
        {{ owner }}_groups.dimension,
        {{ owner }}_groups.entity_id,
        own_cells.scenario_bits,
        own_cells.period_bits
    {%- endfor %}
)

select * from cells
