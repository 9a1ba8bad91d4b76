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

-- An entity that nothing is known about still has its value:
-- it is a group of its own kind.
placed as (
    select
        nestings.dimension,
        nestings.group_dimension,
        coalesce(entity_groups.group_id, '(unknown)') as group_id,
        {% for measure in measures() -%}
        entity_values.{{ measure }},
        {% endfor -%}
        entity_values.period_grain,
        entity_values.period_start
    from entity_values
    inner join nestings on entity_values.dimension = nestings.dimension
    left join
        entity_groups
        on
            entity_values.dimension = entity_groups.dimension
            and entity_values.entity_id = entity_groups.entity_id
),

grouped as (
    {%- for measure in measures() %}
    select
        dimension,
        group_dimension,
        group_id,
        period_grain,
        period_start,
        '{{ measure }}' as measure,
        cast({{ measure }} as {{ money_sum_type() }}) as entity_value,
        count(*) as entity_count
    from placed
    where {{ measure }} > 0
    group by
        dimension, group_dimension, group_id, period_grain, period_start, {{ measure }}
    {{ 'union all' if not loop.last }}
    {%- endfor %}
),

valued as (
    select
        *,
        entity_value * entity_count as group_value
    from grouped
)

select
    *,
    sum(entity_count) over whole as member_count,
    sum(group_value) over whole as total_value
from valued
window
    whole as (
        partition by
            dimension, group_dimension, group_id, period_grain, period_start, measure
    )
