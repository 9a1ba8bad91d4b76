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
        member_count,
        total_value
    from {{ ref('int_value_spectrum') }}
    where standing = 'member' and total_value > 0
),

-- Every entity as it is, to be counted, and as it would be without its own mean order.
places as (
    select
        dimension,
        period_grain,
        period_start,
        measure,
        entity_value as place,
        entity_count,
        member_count,
        total_value,
        0 as group_value,
        false as is_asked
    from members
    union all
    select
        dimension,
        period_grain,
        period_start,
        measure,
        {{ value_without_own_order() }} as place,
        0 as entity_count,
        member_count,
        total_value,
        group_value,
        true as is_asked
    from members
    where entity_value > 0
),

-- Above each are then the others that have more: it is itself among those who have.
counted as (
    select
        *,
        sum(entity_count) over (
            partition by dimension, period_grain, period_start, measure
            order by place desc, entity_count desc
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
    {% endfor -%}
    {{ gini_without_own_order() }} as gini_floor
from counted
where is_asked
group by dimension, period_grain, period_start, measure
