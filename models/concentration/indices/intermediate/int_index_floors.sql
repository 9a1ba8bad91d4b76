{#- Longer than others: it ranks every entity by three values. -#}
with

members as (
    select
        dimension,
        period_grain,
        period_start,
        measure,
        cast(entity_value as double) as entity_value,
        entity_count,
        group_value,
        group_squared,
        entities_above as group_rank,
        sqrt(group_squared / entity_count) as own_error,
        member_count,
        total_value
    from {{ ref('int_value_spectrum') }}
    where membership = 'member' and total_value > 0
),

-- Every entity appears with its value, to be counted; with its value without its own
-- mean order; and, for the largest, with its value less one of its own errors.
places as (
    select
        *,
        entity_value as place,
        'value' as kind
    from members
    union all
    select
        *,
        {{ value_without_own_order('entity_value', 'entity_count', 'group_squared') }}
            as place,
        'order' as kind
    from members
    where entity_value > 0
    union all
    select
        *,
        entity_value * (1 - 1e-9) - own_error as place,
        'error' as kind
    from members
    where entity_value > 0 and group_rank < 10
),

-- The entities above each one are the others with a larger value: it is itself among
-- those that have.
counted as (
    select
        dimension,
        period_grain,
        period_start,
        measure,
        kind,
        entity_count as group_size,
        group_rank,
        member_count,
        total_value,
        case when kind = 'order' then group_value else 0 end as group_value,
        case
            when kind = 'error' then own_error / cast(total_value as double) else 0
        end as own_error,
        sum(case when kind = 'value' then entity_count else 0 end) over (
            partition by dimension, period_grain, period_start, measure
            order by place desc, kind desc
            rows between unbounded preceding and current row
        ) - 1 as entities_above
    from places
)

select
    dimension,
    period_grain,
    period_start,
    measure,
    {% for k in [1, 10] -%}
    {{ concentration_ratio_without_own_order(
        'group_value', 'entities_above', 'total_value', k
    ) }} as cr{{ k }}_floor,
    {{ contested_errors(
        'own_error', 'group_size', 'group_rank', 'entities_above', k
    ) }} as cr{{ k }}_contested,
    {% endfor -%}
    {{ gini_without_own_order(
        'group_value', 'member_count', 'entities_above', 'total_value'
    ) }} as gini_floor
from counted
where kind != 'value'
group by dimension, period_grain, period_start, measure
