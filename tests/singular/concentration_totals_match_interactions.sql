-- Counted directly from the transactions, per month and in total: values with entities,
-- values that end at or below zero and values without an entity make up everything.
with

interaction_facts as (select * from {{ ref('interaction_facts') }}),

concentration_indices as (
    select * from {{ ref('concentration_indices') }}
    where period_grain in ('all', 'month')
),

month_totals as (
    select
        cast(date_trunc('month', interacted_at) as date) as month_of_date,
        {{ measure_sums() }}
    from interaction_facts
    group by month_of_date
),

period_totals as (
    {% for measure in measures() -%}
    select
        'month' as period_grain,
        month_of_date as month_start,
        '{{ measure }}' as measure,
        cast({{ measure }} as {{ money_sum_type() }}) as expected_value
    from month_totals
    where month_of_date is not null
    union all
    select
        'all' as period_grain,
        cast(null as date) as month_start,
        '{{ measure }}' as measure,
        cast(sum({{ measure }}) as {{ money_sum_type() }}) as expected_value
    from month_totals
    having count(*) > 0
    {{ 'union all' if not loop.last }}
    {% endfor -%}
),

dimensions as (
    {% for dimension in all_dimensions() -%}
    select '{{ dimension.name }}' as dimension
    {{ 'union all' if not loop.last }}
    {% endfor -%}
),

compared as (
    select
        dimensions.dimension,
        period_totals.period_grain,
        period_totals.month_start,
        period_totals.measure,
        period_totals.expected_value,
        concentration_indices.total_value,
        concentration_indices.nonpositive_value,
        concentration_indices.unattributed_value
    from period_totals
    cross join dimensions
    left join
        concentration_indices
        on
            dimensions.dimension = concentration_indices.dimension
            and period_totals.period_grain = concentration_indices.period_grain
            and period_totals.measure = concentration_indices.measure
            and (
                period_totals.month_start = concentration_indices.period_start
                or period_totals.month_start is null
            )
)

select * from compared
where
    total_value + nonpositive_value + unattributed_value != expected_value
    or total_value is null
