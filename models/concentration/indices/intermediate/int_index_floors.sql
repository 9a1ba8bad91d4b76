{#- Longer than others: every entity is looked at in three places. -#}
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
    where standing = 'member' and total_value > 0
),

-- Every entity as it is, to be counted, as it would be without its own mean order and,
-- of the largest, with one error of its own less.
places as (
    select
        *,
        entity_value as place,
        'value' as kind
    from members
    union all
    select
        *,
        {{ value_without_own_order() }} as place,
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

-- Above each are then the others that have more: it is itself among those who have.
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
    {{ concentration_ratio_without_own_order(k) }} as cr{{ k }}_floor,
    {{ contested_errors(k) }} as cr{{ k }}_contested,
    {% endfor -%}
    {{ gini_without_own_order() }} as gini_floor
from counted
where kind != 'value'
group by dimension, period_grain, period_start, measure
