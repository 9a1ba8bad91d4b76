{#- Longer than others: it contains three groupings and the cumulative sums that every
   index needs. -#}
{{ config(materialized='kept', incremental_strategy='by_open_slots') }}
-- depends_on: {{ ref('int_periods') }}

with

closed_counts as (
    select
        dimension,
        slot_count - population_count as closed_count
    from {{ ref('int_populations') }}
    where dimension in ('hour', 'weekday') and period_grain = 'all'
),

-- Rows without an entity (no customer, unknown product) form a separate group.
-- Customers and products are grouped separately, so the largest of all groupings has
-- one key less. Each branch names its source, because DuckDB materialises a CTE that is
-- used several times.
grouped as (
    {%- for measure in measures() %}
    {%- for rows, dimension in dimension_groups() %}
    select
        {{ dimension }} as dimension,
        period_grain,
        period_start,
        {{ spectrum_columns(measure) }}
    from {{ ref('int_entity_values') }}
    where {{ rows }}
    group by
        {{ 'dimension, ' if dimension == 'dimension' }}period_grain,
        period_start,
        entity_key is not null,
        {{ grouping_values(measure) | join(',\n        ') }}
    {{ 'union all' if not loop.last }}
    {%- endfor %}
    {{ 'union all' if not loop.last }}
    {%- endfor %}
),

-- Hours and weekdays at which the business never opens are not slots.
opened as (
    select
        grouped.dimension,
        grouped.period_grain,
        grouped.period_start,
        grouped.measure,
        grouped.is_attributed,
        grouped.entity_value,
        grouped.group_squared,
        grouped.group_fourth,
        grouped.group_transactions,
        grouped.entity_count - case
            when grouped.is_attributed and grouped.entity_value = 0
                then coalesce(closed_counts.closed_count, 0)
            else 0
        end as entity_count
    from grouped
    left join closed_counts on grouped.dimension = closed_counts.dimension
),

-- An entity that ends at or below zero has no share. Only hours and weekdays are all
-- known in advance, so their empty slots are members.
classified as (
    select
        *,
        case
            when not is_attributed then 'unattributed'
            when entity_value > 0 then 'member'
            when entity_value = 0 and dimension in ('hour', 'weekday') then 'member'
            else 'nonpositive'
        end as membership,
        entity_value * entity_count as group_value
    from opened
    where entity_count > 0
),

-- A window adds up doubles, in which counts are exact, in half the time of integers.
ranked as (
    select
        dimension,
        period_grain,
        period_start,
        measure,
        membership,
        entity_value,
        entity_count,
        group_value,
        group_squared,
        group_fourth,
        group_transactions,
        cast(sum(cast(entity_count as double)) over whole as bigint) as member_count,
        sum(group_value) over whole as total_value,
        cast(coalesce(sum(cast(entity_count as double)) over above, 0) as bigint)
            as entities_above,
        coalesce(sum(group_value) over above, 0) as value_above
    from classified
    window
        whole as (
            partition by dimension, period_grain, period_start, measure, membership
        ),
        above as (
            partition by dimension, period_grain, period_start, measure, membership
            order by entity_value desc
            rows between unbounded preceding and 1 preceding
        )
)

select * from ranked
