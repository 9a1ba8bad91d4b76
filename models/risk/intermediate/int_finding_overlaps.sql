{%- set dimensions = [] -%}
{%- for dimension in all_dimensions()
        if dimension.from != 'calendar' and dimension.name != 'interaction_type' -%}
{%- do dimensions.append(dimension.name) -%}
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

periods as (
    select * from {{ ref('int_periods') }}
),

limit_findings as (
    select * from {{ ref('int_limit_findings') }}
    where measure = 'revenue'
),

rise_findings as (
    select * from {{ ref('int_rise_findings') }}
),

findings as (
    select
        case when is_single_name then 'name' else 'whole' end as kind,
        dimension,
        entity_id,
        period_grain,
        period_start,
        cast(null as date) as compared_start
    from limit_findings
    union all
    select
        'rise' as kind,
        dimension,
        entity_id,
        period_grain,
        period_start,
        compared_start
    from rise_findings
),

-- The entities that the findings are about, one row wide, to look at every transaction
-- once.
named as (
    select
        {%- for dimension in dimensions %}
        {%- for kind in ['name', 'whole', 'rise'] %}
        max(
            case
                when kind = '{{ kind }}' and dimension = '{{ dimension }}'
                    then entity_id
            end
        ) as {{ kind }}_{{ dimension }},
        {%- endfor %}
        {%- endfor %}
        count(*) as finding_count
    from findings
),

flagged as (
    select
        {%- for dimension in dimensions %}
        {%- for kind in ['name', 'whole', 'rise'] %}
        coalesce(
            {{ row_dimension_key(dimension) }} = named.{{ kind }}_{{ dimension }}, false
        ) as {{ kind }}_{{ dimension }},
        {%- endfor %}
        {%- endfor %}
        interactions.revenue,
        cast(date_trunc('month', interactions.interacted_at) as date) as month_start
    from interactions
    inner join named on named.finding_count > 1
    left join customers on interactions.customer_id = customers.customer_id
    left join products on interactions.product_id = products.product_id
),

cells as (
    select
        {%- for dimension in dimensions %}
        {%- for kind in ['name', 'whole', 'rise'] %}
        {{ kind }}_{{ dimension }},
        {%- endfor %}
        {%- endfor %}
        month_start,
        sum(revenue) as revenue
    from flagged
    group by
        {%- for dimension in dimensions %}
        {%- for kind in ['name', 'whole', 'rise'] %}
        {{ kind }}_{{ dimension }},
        {%- endfor %}
        {%- endfor %}
        month_start
),

-- By all that tells cells apart, so that whoever counts again counts alike.
numbered as (
    select
        *,
        row_number() over (
            order by
                {%- for dimension in dimensions %}
                {%- for kind in ['name', 'whole', 'rise'] %}
                {{ kind }}_{{ dimension }},
                {%- endfor %}
                {%- endfor %}
                month_start
        ) as cell_number
    from cells
),

kinds as (
    {%- for dimension in dimensions %}
    {%- set is_last = loop.last %}
    {%- for kind in ['name', 'whole', 'rise'] %}
    select
        '{{ kind }}' as kind,
        '{{ dimension }}' as dimension
    {{ 'union all' if not (loop.last and is_last) }}
    {%- endfor %}
    {%- endfor %}
),

-- Which findings a cell belongs to.
members as (
    select
        kinds.kind,
        kinds.dimension,
        numbered.cell_number,
        numbered.month_start,
        numbered.revenue
    from numbered
    cross join kinds
    where
        case
            {%- for dimension in dimensions %}
            {%- for kind in ['name', 'whole', 'rise'] %}
            when kinds.kind = '{{ kind }}' and kinds.dimension = '{{ dimension }}'
                then numbered.{{ kind }}_{{ dimension }}
            {%- endfor %}
            {%- endfor %}
        end
),

other_members as (
    select * from members
),

shared_cells as (
    select
        members.kind,
        members.dimension,
        other_members.kind as other_kind,
        other_members.dimension as other_dimension,
        members.month_start,
        sum(members.revenue) as shared_revenue
    from members
    inner join other_members
        on
            members.cell_number = other_members.cell_number
            and members.dimension != other_members.dimension
    group by
        members.kind,
        members.dimension,
        other_members.kind,
        other_members.dimension,
        members.month_start
),

other_months as (
    select
        kind,
        dimension,
        month_start,
        sum(revenue) as revenue
    from members
    group by kind, dimension, month_start
),

-- What each other finding's entity brought in the periods of this one, and what of that
-- belongs to both.
pairs as (
    select
        findings.kind,
        findings.dimension,
        other_months.kind as other_kind,
        other_months.dimension as other_dimension,
        periods.period_start = findings.period_start as is_now,
        sum(other_months.revenue) as other_revenue,
        sum(coalesce(shared_cells.shared_revenue, 0)) as shared_revenue
    from findings
    inner join periods
        on
            findings.period_grain = periods.period_grain
            and periods.period_start in (findings.period_start, findings.compared_start)
    inner join other_months
        on
            periods.month_start = other_months.month_start
            and findings.dimension != other_months.dimension
    left join shared_cells
        on
            findings.kind = shared_cells.kind
            and findings.dimension = shared_cells.dimension
            and other_months.kind = shared_cells.other_kind
            and other_months.dimension = shared_cells.other_dimension
            and other_months.month_start = shared_cells.month_start
    group by
        findings.kind,
        findings.dimension,
        other_months.kind,
        other_months.dimension,
        periods.period_start = findings.period_start
)

select
    kind,
    dimension,
    other_kind,
    other_dimension,
    cast(sum(case when is_now then other_revenue else 0 end) as double) as other_value,
    cast(sum(case when is_now then shared_revenue else 0 end) as double)
        as shared_value,
    cast(sum(case when is_now then 0 else other_revenue end) as double)
        as compared_other_value,
    cast(sum(case when is_now then 0 else shared_revenue end) as double)
        as compared_shared_value
from pairs
group by kind, dimension, other_kind, other_dimension
