with

entity_values as (
    select * from {{ ref('int_entity_values') }}
    where
        entity_id is not null
        and period_grain in ('all', 'year')
        and dimension in ('customer', 'product', 'date')
),

entity_groups as (
    select * from {{ ref('int_entity_groups') }}
),

nestings as (
    select distinct
        dimension,
        group_dimension
    from entity_groups
),

-- An entity that nothing is known about still has its value: it is a group of its own kind.
placed as (
    select
        nestings.dimension,
        nestings.group_dimension,
        coalesce(entity_groups.group_id, '(unknown)') as group_id,
        entity_values.period_grain,
        entity_values.period_start,
        {%- for measure in measures() %}
        entity_values.{{ measure }}{{ ',' if not loop.last }}
        {%- endfor %}
    from entity_values
    inner join nestings on entity_values.dimension = nestings.dimension
    left join
        entity_groups
        on
            entity_values.dimension = entity_groups.dimension
            and entity_values.entity_id = entity_groups.entity_id
),

grouped as (
    select
        dimension,
        group_dimension,
        group_id,
        period_grain,
        period_start,
        {{ grouped_measure() }} as measure,
        {{ grouped_value() }} as entity_value,
        count(*) as entity_count,
        {{ grouped_sum() }} as group_value
    from placed
    group by grouping sets ( -- noqa: PRS
        {%- for measure in measures() %}
        (dimension, group_dimension, group_id, period_grain, period_start, {{ measure }})
        {{- ',' if not loop.last }}
        {%- endfor %}
    )
)

select
    *,
    sum(entity_count) over (
        partition by dimension, group_dimension, group_id, period_grain, period_start, measure
    ) as member_count,
    sum(group_value) over (
        partition by dimension, group_dimension, group_id, period_grain, period_start, measure
    ) as total_value
from grouped
where entity_value > 0
