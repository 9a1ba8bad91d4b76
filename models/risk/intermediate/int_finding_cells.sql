{%- set flags = [] -%}
{%- for dimension in all_dimensions()
        if dimension.from != 'calendar' and dimension.name != 'interaction_type' -%}
{%- for kind in ['name', 'whole', 'rise'] -%}
{%- do flags.append({
    'kind': kind,
    'dimension': dimension.name,
    'column': kind ~ '_' ~ dimension.name
}) -%}
{%- endfor -%}
{%- endfor -%}
{%- set columns = flags | map(attribute='column') | list -%}

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

findings as (
    select * from {{ ref('int_findings') }}
),

-- The entities that the findings are about, one row wide, to look at every transaction
-- once.
named as (
    select
        {%- for flag in flags %}
        max(
            case
                when kind = '{{ flag.kind }}' and dimension = '{{ flag.dimension }}'
                    then entity_id
            end
        ) as {{ flag.column }},
        {%- endfor %}
        count(*) as finding_count
    from findings
),

flagged as (
    select
        {%- for flag in flags %}
        coalesce(
            {{ row_dimension_key(flag.dimension) }} = named.{{ flag.column }}, false
        ) as {{ flag.column }},
        {%- endfor %}
        interactions.revenue,
        {{ month_of('interactions.interacted_at') }} as month_start
    from interactions
    inner join named on named.finding_count > 1
    left join customers on interactions.customer_id = customers.customer_id
    left join products on interactions.product_id = products.product_id
),

cells as (
    select
        {{ columns | join(',\n        ') }},
        month_start,
        sum(revenue) as revenue
    from flagged
    group by
        {{ columns | join(',\n        ') }},
        month_start
),

-- By all that tells cells apart, so that the same data give the same numbers.
numbered as (
    select
        *,
        row_number() over (
            order by
                {{ columns | join(',\n                ') }},
                month_start
        ) as cell_number
    from cells
)

select
    findings.kind,
    findings.dimension,
    numbered.cell_number,
    numbered.month_start,
    numbered.revenue
from numbered
cross join findings
where
    case
        {%- for flag in flags %}
        when
            findings.kind = '{{ flag.kind }}'
            and findings.dimension = '{{ flag.dimension }}'
            then numbered.{{ flag.column }}
        {%- endfor %}
    end
