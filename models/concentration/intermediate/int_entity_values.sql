with

entity_months as (
    select * from {{ ref('int_entity_months') }}
),

periods as (
    select * from {{ ref('int_periods') }}
),

entity_values as (
    select
        dimension,
        'month' as period_grain,
        month_start as period_start,
        entity_id,
        interactions,
        purchases,
        revenue,
        revenue_squared
    from entity_months
    {% for grain in ['quarter', 'year', 'all'] -%}
    union all
    select
        entity_months.dimension,
        periods.period_grain,
        periods.period_start,
        entity_months.entity_id,
        {{ measure_rollup() }}
    from entity_months
    inner join
        periods
        on
            entity_months.month_start = periods.month_start
            and periods.period_grain = '{{ grain }}'
    group by
        entity_months.dimension,
        periods.period_grain,
        periods.period_start,
        entity_months.entity_id
    {% endfor -%}
)

select * from entity_values
