{%- set kinds = ['name', 'whole', 'rose', 'fell'] -%}
{%- set owners = {
    'customer': 'customer_flags',
    'customers': 'customer_flags',
    'product': 'product_flags',
    'products': 'product_flags',
} -%}
{%- set flags = [] -%}
{%- for dimension in all_dimensions()
        if dimension.from != 'calendar' and dimension.name != 'interaction_type' -%}
{%- set key = row_dimension_key(dimension.name) | trim -%}
{%- set suffix = '_' ~ dimension.name -%}
{%- set named = 'named.' ~ kinds | join(suffix ~ ', named.') ~ suffix -%}
{%- for kind in kinds -%}
{%- do flags.append({
    'kind': kind,
    'dimension': dimension.name,
    'column': kind ~ suffix,
    'is_met': key ~ ' = named.' ~ kind ~ suffix,
    'is_any': key ~ ' in (' ~ named ~ ')',
    'owner': owners.get(dimension.from, 'row_flags')
}) -%}
{%- endfor -%}
{%- endfor -%}
{%- set columns = flags | map(attribute='column') | list -%}

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

-- Whether a customer, a product or a row is of what the findings are about is told
-- before they are joined, and who is of none is left out: a join that does not fit in
-- memory is written to disk, and flags are narrower than names. Who is left out is told
-- in other terms than the flags: Spark puts each flag for its term wherever the term is
-- asked for, and plans every one of those combinations.
{% for source in ['customer', 'product'] -%}
{%- set own = flags | selectattr('owner', 'equalto', source ~ '_flags') | list -%}
{{ source }}_flags as (
    select
        {%- for flag in own %}
        {{ flag.is_met }} as {{ flag.column }},
        {%- endfor %}
        {{ source }}s.{{ source }}_key
    from {{ source }}s
    cross join named
    where
        {{ own | map(attribute='is_any') | unique | join('\n        or ') or 'false' }}
),

{% endfor -%}
row_flags as (
    select
        {% for flag in flags if flag.owner == 'row_flags' -%}
        {{ flag.is_met }} as {{ flag.column }},
        {% endfor -%}
        interaction_facts.customer_key,
        interaction_facts.product_key,
        {{ main_value() }} as revenue,
        interaction_facts.month_start
    from interaction_facts
    inner join named on named.finding_count > 1
    where {{ main_value() }} is not null
),

flagged as (
    select
        {%- for flag in flags %}
        coalesce({{ flag.owner }}.{{ flag.column }}, false) as {{ flag.column }},
        {%- endfor %}
        row_flags.revenue,
        row_flags.month_start
    from row_flags
    left join customer_flags on row_flags.customer_key = customer_flags.customer_key
    left join product_flags on row_flags.product_key = product_flags.product_key
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
