with

entity_values as (
    select * from {{ ref('int_entity_values') }}
    where period_grain = 'all' and entity_id is not null
),

labels as (
    select * from {{ ref('int_entity_labels') }}
),

-- Shares are of what the entities above zero bring together.
totals as (
    {%- for measure in measures() %}
    select
        dimension,
        '{{ measure }}' as measure,
        sum(greatest({{ measure }}, 0)) as positive_total
    from entity_values
    group by dimension
    {{ 'union all' if not loop.last }}
    {%- endfor %}
),

-- Who ends below zero has neither share nor rank. Ties go by id, so that the same data
-- give the same ranks.
-- Customers and products are ranked by themselves: sorting on two keys instead of four
-- makes the largest of all sorts several times faster.
ranked as (
    {%- for measure in measures() %}
    {%- for rows, partition in [
        ("dimension = 'customer'", ''),
        ("dimension = 'product'", ''),
        ("dimension not in ('customer', 'product')", 'partition by dimension'),
    ] %}
    select
        dimension,
        entity_id,
        '{{ measure }}' as measure,
        cast({{ measure }} as {{ money_sum_type() }}) as entity_value,
        cast(row_number() over (
            {{ partition }} order by {{ measure }} desc, entity_id
        ) as bigint) as value_rank,
        sum(greatest({{ measure }}, 0)) over (
            {{ partition }} order by {{ measure }} desc, entity_id
            rows between unbounded preceding and current row
        ) as cumulative_value
    from entity_values
    where {{ rows }}
    {{ 'union all' if not loop.last }}
    {%- endfor %}
    {{ 'union all' if not loop.last }}
    {%- endfor %}
),

shared as (
    select
        ranked.*,
        totals.positive_total,
        {{ share_of('ranked.entity_value', 'totals.positive_total') }}
            as value_share,
        {{ share_of('ranked.cumulative_value', 'totals.positive_total') }}
            as cumulative_share,
        {{ share_of(
            'ranked.cumulative_value - ranked.entity_value', 'totals.positive_total'
        ) }} as share_before
    from ranked
    inner join totals
        on
            ranked.dimension = totals.dimension
            and ranked.measure = totals.measure
)

select
    shared.dimension,
    shared.entity_id,
    coalesce(labels.entity_label, shared.entity_id) as entity_label,
    shared.measure,
    shared.entity_value,
    case when shared.entity_value >= 0 then shared.value_share end as value_share,
    case when shared.entity_value >= 0 then shared.value_rank end as value_rank,
    case when shared.entity_value >= 0 then shared.cumulative_share end
        as cumulative_share,
    case
        when shared.entity_value < 0 or shared.positive_total = 0 then null
        when shared.entity_value = 0 then 'C'
        when shared.share_before < {{ var('abc_a_share') }} then 'A'
        when shared.share_before < {{ var('abc_b_share') }} then 'B'
        else 'C'
    end as abc_class
from shared
left join
    labels
    on
        shared.dimension = labels.dimension
        and shared.entity_id = labels.entity_id
