{#- Longer than others: the chart has values and indices of the same months. -#}
with

coverage as (
    select * from {{ ref('int_period_coverage') }}
    where period_grain = 'month'
),

data_span as (
    select * from {{ ref('int_data_span') }}
),

entities as (
    select * from {{ ref('entity_concentration') }}
    where dimension = 'month' and measure = '{{ main_measure() }}'
),

indices as (
    select * from {{ ref('concentration_indices') }}
    where {{ is_business_dimension('dimension') }} and measure = '{{ main_measure() }}'
),

-- A slip of the year would fill three years with empty months.
numbered as (
    select
        coverage.*,
        row_number() over (order by coverage.period_start) as month_number,
        count(*) over () as month_count
    from coverage
    inner join data_span
        on
            coverage.period_end >= data_span.first_date
            and coverage.period_start <= data_span.last_date
),

-- The last three years.
months as (
    select
        period_start,
        {{ period_words('period_grain', 'period_start') }} as month_name,
        month_number - greatest(month_count - 36, 0) as position,
        case when is_complete then 'complete' else 'incomplete' end as state
    from numbered
    where month_number > month_count - 36
),

-- Few entities are concentrated by their number; how they move says little.
dimensions as (
    select
        indices.dimension,
        indices.measure
    from indices
    where indices.period_grain = 'all' and indices.entity_count >= 5
)

select
    'trend' as section,
    {{ text_literal(main_measure_label()) }} as series,
    cast(months.position as integer) as position,
    months.month_name as label,
    cast(entities.entity_value as double) as fact_value,
    '{{ main_measure_unit() }}' as unit,
    cast(null as double) as interval_low,
    cast(null as double) as interval_high,
    cast(null as double) as comparison_value,
    months.state,
    cast(null as string) as detail,
    'entity_concentration' as source_model,
    'entity_value' as source_column,
    concat('month, ', entities.measure, ', ', months.month_name) as source_key
from months
inner join entities on months.month_name = entities.entity_id
union all
select
    'trend' as section,
    {{ dimension_label('dimensions.dimension') }} as series,
    cast(months.position as integer) as position,
    months.month_name as label,
    indices.hhi_unbiased as fact_value,
    'index' as unit,
    indices.hhi_low as interval_low,
    indices.hhi_high as interval_high,
    indices.hhi as comparison_value,
    months.state,
    indices.undefined_reason as detail,
    'concentration_indices' as source_model,
    'hhi_unbiased' as source_column,
    concat(
        dimensions.dimension, ', month, ', cast(months.period_start as string), ', ',
        dimensions.measure
    ) as source_key
from months
cross join dimensions
inner join indices
    on
        months.period_start = indices.period_start
        and dimensions.dimension = indices.dimension
        and dimensions.measure = indices.measure
where indices.period_grain = 'month'
