{%- set distribution = 'dimension, period_grain, period_start, measure' -%}
with

-- Points run from the smallest entity up. A curve has one point per entity, or a
-- hundred if there are more; each point is a corner of the exact curve, and nothing is
-- interpolated.
ascending as (
    select
        *,
        member_count - entities_above - entity_count as entities_below,
        total_value - value_above - group_value as value_below,
        least(member_count, 100) as point_count
    from {{ ref('int_value_spectrum') }}
    where
        membership = 'member'
        and total_value > 0
        and period_grain in ('all', 'year')
),

-- The points whose entity is in this group of equal values. The curve starts at zero.
reached as (
    select
        *,
        case
            when entities_below = 0 then 0
            else floor(1e0 * entities_below * point_count / member_count) + 1
        end as first_point,
        floor(1e0 * (entities_below + entity_count) * point_count / member_count)
            as last_point
    from ascending
),

group_points as (
    select
        *,
        {{ number_series('cast(first_point as bigint)', 'cast(last_point as bigint)') }}
            as point_number
    from reached
    where first_point <= last_point
),

corners as (
    select
        *,
        cast(ceil(1e0 * point_number * member_count / point_count) as bigint)
            as cumulative_count
    from group_points
)

select
    {{ distribution }},
    cast(point_number as integer) as point_number,
    cumulative_count as entity_count,
    1e0 * cumulative_count / member_count as entity_share,
    case
        when cumulative_count = member_count then 1e0
        else
            {{ share_of('value_below', 'total_value') }}
            + (cumulative_count - entities_below)
            * {{ share_of('entity_value', 'total_value') }}
    end as value_share
from corners
