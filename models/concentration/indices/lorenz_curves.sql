{#- Longer than others: it thins a curve of many entities to points that keep its shape.
   -#}
{%- set distribution = 'dimension, period_grain, period_start, measure' -%}
with

spectrum as (select * from {{ ref('int_value_spectrum') }}),

-- Points run from the smallest entity up. A curve has one point per entity, or a
-- hundred if there are more; each point is a corner of the exact curve, and nothing is
-- interpolated.
ascending as (
    select
        *,
        member_count - entities_above - entity_count as entities_below,
        total_value - value_above - group_value as value_below,
        least(member_count, 100) as point_count
    from spectrum
    where
        membership = 'member'
        and total_value > 0
        and period_grain in ('all', 'year')
),

-- The points whose entity is in this group of equal values.
reached as (
    select
        *,
        cast(floor(1e0 * entities_below * point_count / member_count) as bigint) + 1
            as first_point,
        cast(
            floor(1e0 * (entities_below + entity_count) * point_count / member_count)
            as bigint
        ) as last_point
    from ascending
),

group_points as (
    select
        *,
        {{ number_series('first_point', 'last_point') }} as point_number
    from reached
    where first_point <= last_point
),

curve_points as (
    select
        *,
        cast(ceil(1e0 * point_number * member_count / point_count) as bigint)
            as cumulative_count
    from group_points
),

corners as (
    select
        {{ distribution }},
        point_number,
        cumulative_count as entity_count,
        1e0 * cumulative_count / member_count as entity_share,
        {{ share_of('value_below', 'total_value') }}
        + (cumulative_count - entities_below)
        * {{ share_of('entity_value', 'total_value') }} as value_share
    from curve_points
    union all
    select distinct
        {{ distribution }},
        0 as point_number,
        0 as entity_count,
        0.0 as entity_share,
        0.0 as value_share
    from ascending
)

select
    {{ distribution }},
    cast(point_number as integer) as point_number,
    cast(entity_count as bigint) as entity_count,
    cast(entity_share as double) as entity_share,
    cast(case when entity_share = 1 then 1 else value_share end as double)
        as value_share
from corners
