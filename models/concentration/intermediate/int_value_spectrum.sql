with

entity_values as (
    select * from {{ ref('int_entity_values') }}
),

-- One pass for the three measures. Rows without an entity (no customer, unknown product)
-- stay as one group of their own.
grouped as (
    select
        dimension,
        period_grain,
        period_start,
        {{ grouped_measure() }} as measure,
        entity_id is not null as is_attributed,
        {{ grouped_value() }} as entity_value,
        count(*) as entity_count,
        {{ grouped_sum() }} as group_value,
        {{ grouped_squares() }} as group_squared
    from entity_values
    group by grouping sets (
        {%- for measure in measures() %}
        (dimension, period_grain, period_start, entity_id is not null, {{ measure }})
        {{- ',' if not loop.last }}
        {%- endfor %}
    )
),

-- Who ends at or below zero has no share. Only hours and weekdays are all known
-- beforehand, so that there an empty slot is a member.
classified as (
    select
        *,
        case
            when not is_attributed then 'unattributed'
            when entity_value > 0 then 'member'
            when entity_value = 0 and dimension in ('hour', 'weekday') then 'member'
            else 'nonpositive'
        end as standing
    from grouped
)

select
    dimension,
    period_grain,
    period_start,
    measure,
    standing,
    entity_value,
    entity_count,
    group_value,
    group_squared,
    sum(entity_count) over whole as member_count,
    sum(group_value) over whole as total_value,
    coalesce(sum(entity_count) over above, 0) as entities_above,
    coalesce(sum(group_value) over above, 0) as value_above
from classified
window
    whole as (
        partition by dimension, period_grain, period_start, measure, standing
    ),
    above as (
        partition by dimension, period_grain, period_start, measure, standing
        order by entity_value desc
        rows between unbounded preceding and 1 preceding
    )
