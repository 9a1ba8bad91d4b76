{#- Longer than others: one pass over the rows covers all findings. -#}
{%- set own = dimensions_from('interactions') | map(attribute='name') | list -%}
{%- set value = main_value(
    'interaction_facts.interaction_type', 'interaction_facts.revenue'
) -%}
with

interaction_facts as (select * from {{ ref('interaction_facts') }}),

members as (
    {{ entity_members(['customers', 'products']) }}
),

limit_findings as (
    select * from {{ ref('int_limit_findings') }}
    where measure = '{{ main_measure() }}'
),

change_findings as (
    select * from {{ ref('value_changes') }}
    where finding_rank = 1 and dimension != 'total'
),

entities as (
    select
        dimension,
        entity_id
    from limit_findings
    union distinct
    select
        dimension,
        entity_id
    from change_findings
),

numbered as (
    select
        *,
        row_number() over (
            order by {{ dimension_place('dimension') }}, entity_id
        ) as entity_number
    from entities
),

found_entities as (
    select
        dimension,
        entity_id,
        cast(power(2, entity_number - 1) as bigint) as entity_bit
    from numbered
    where entity_number <= {{ most_bits() }}
),

-- Without findings, no row is read.
found_counts as (
    select count(*) as found_count
    from found_entities
    having count(*) > 0
),

-- The findings that a customer or product is, or belongs to.
member_bits as (
    select
        members.customer_key,
        members.product_key,
        bit_or(found_entities.entity_bit) as entity_bits
    from members
    inner join found_entities
        on {{ same_keys('members', 'found_entities', 'dimension, entity_id') }}
    group by members.customer_key, members.product_key
),

marked as (
    select
        interaction_facts.month_start,
        {{ value }} as revenue,
        coalesce(customer_bits.entity_bits, 0) | coalesce(product_bits.entity_bits, 0)
        {%- for name in own %}
        | coalesce({{ name }}_bits.entity_bit, 0)
        {%- endfor %}
            as entity_bits
    from interaction_facts
    cross join found_counts
    left join member_bits as customer_bits
        on {{ same_keys('interaction_facts', 'customer_bits', 'customer_key') }}
    left join member_bits as product_bits
        on {{ same_keys('interaction_facts', 'product_bits', 'product_key') }}
    {%- for name in own %}
    left join found_entities as {{ name }}_bits
        on
            interaction_facts.{{ name }} = {{ name }}_bits.entity_id
            and {{ name }}_bits.dimension = '{{ name }}'
    {%- endfor %}
    where {{ value }} is not null
),

cells as (
    select
        entity_bits,
        month_start,
        sum(revenue) as revenue
    from marked
    where entity_bits > 0
    group by entity_bits, month_start
)

select
    found_entities.dimension,
    found_entities.entity_id,
    cells.entity_bits,
    cells.month_start,
    cells.revenue
from cells
inner join found_entities on (cells.entity_bits & found_entities.entity_bit) > 0
