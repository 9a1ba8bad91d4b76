{#- Longer than others: one row has the value, share, rank and class of every measure.
   -#}
with

entity_values as (
    select * from {{ ref('int_entity_totals') }}
    where entity_key is not null
),

labels as (select * from {{ ref('int_entity_labels') }}),

-- Shares are parts of the sum of all entities above zero.
totals as (
    select
        {%- for measure in measures() %}
        sum(greatest({{ measure }}, 0)) as {{ measure }}_total,
        {%- endfor %}
        dimension
    from entity_values
    group by dimension
),

named as (
    select
        {%- for measure in measures() %}
        entity_values.{{ measure }},
        {%- endfor %}
        labels.*
    from entity_values
    inner join labels
        on {{ same_keys('entity_values', 'labels', 'dimension, entity_key') }}
),

-- Ties are broken by id, so that the same data give the same ranks. Customers and
-- products are ranked separately: sorting on two keys instead of three makes the
-- largest sort several times faster.
ranked as (
    {%- for rows, partition in [
        ("dimension = 'customer'", ''),
        ("dimension = 'product'", ''),
        ("dimension not in ('customer', 'product')", 'partition by dimension'),
    ] %}
    select
        {%- for measure in measures() %}
        row_number() over (
            {{ partition }} order by {{ measure }} desc, entity_id
        ) as {{ measure }}_place,
        sum(greatest({{ measure }}, 0)) over (
            {{ partition }} order by {{ measure }} desc, entity_id
            rows between unbounded preceding and current row
        ) as {{ measure }}_so_far,
        {%- endfor %}
        *
    from named
    where {{ rows }}
    {{ 'union all' if not loop.last }}
    {%- endfor %}
),

shared as (
    select
        {%- for measure in measures() %}
        ranked.{{ measure }},
        ranked.{{ measure }}_place,
        totals.{{ measure }}_total,
        {{ share_of('ranked.' ~ measure, 'totals.' ~ measure ~ '_total') }}
            as {{ measure }}_part,
        {{ share_of('ranked.' ~ measure ~ '_so_far', 'totals.' ~ measure ~ '_total') }}
            as {{ measure }}_part_so_far,
        {{ share_of(
            'ranked.' ~ measure ~ '_so_far - ranked.' ~ measure,
            'totals.' ~ measure ~ '_total'
        ) }} as {{ measure }}_part_before,
        {%- endfor %}
        ranked.dimension,
        ranked.entity_key,
        ranked.entity_id,
        ranked.entity_label
    from ranked
    inner join totals on ranked.dimension = totals.dimension
)

-- An entity that ends below zero has neither share nor rank.
select
    {%- for measure in measures() %}
    cast({{ measure }} as {{ sum_type(measure) }}) as {{ measure }},
    case when {{ measure }} >= 0 then {{ measure }}_part end as {{ measure }}_share,
    case when {{ measure }} >= 0 then cast({{ measure }}_place as bigint) end
        as {{ measure }}_rank,
    case when {{ measure }} >= 0 then {{ measure }}_part_so_far end
        as {{ measure }}_cumulative_share,
    case
        when {{ measure }} < 0 or {{ measure }}_total = 0 then null
        when {{ measure }} = 0 then 'C'
        when {{ measure }}_part_before < {{ var('abc_a_share') }} then 'A'
        when {{ measure }}_part_before < {{ var('abc_b_share') }} then 'B'
        else 'C'
    end as {{ measure }}_abc_class,
    {%- endfor %}
    dimension,
    entity_key,
    entity_id,
    entity_label
from shared
