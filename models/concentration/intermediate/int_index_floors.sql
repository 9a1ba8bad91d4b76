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
        entities_above,
        member_count,
        total_value
    from {{ ref('int_value_spectrum') }}
    where standing = 'member' and total_value > 0
),

-- Every entity as it is, to be counted, as it would be without its own mean order and, of
-- the largest, with one error of its own less.
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
        0 as group_size,
        0 as group_rank,
        0e0 as own_error,
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
        0 as group_size,
        0 as group_rank,
        0e0 as own_error,
        true as is_asked
    from members
    where entity_value > 0
    union all
    select
        dimension,
        period_grain,
        period_start,
        measure,
        entity_value * (1 - 1e-9) - sqrt(group_squared / entity_count) as place,
        0 as entity_count,
        member_count,
        total_value,
        0 as group_value,
        entity_count as group_size,
        entities_above as group_rank,
        sqrt(group_squared / entity_count) / cast(total_value as double) as own_error,
        true as is_asked
    from members
    where entity_value > 0 and entities_above < 10
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
    {{ contested_errors(k) }} as cr{{ k }}_contested,
    {% endfor -%}
    {{ gini_without_own_order() }} as gini_floor
from counted
where is_asked
group by dimension, period_grain, period_start, measure
