{#- Longer than others: the chart has values and indices for the same months. -#}
with

coverage as (
    select * from {{ ref('int_period_coverage') }}
    where period_grain = 'month'
),

data_span as (select * from {{ ref('int_data_span') }}),

entities as (
    select * from {{ ref('entity_concentration') }}
    where dimension = 'month' and measure = '{{ main_measure() }}'
),

indices as (
    select * from {{ ref('concentration_indices') }}
    where {{ is_business_dimension('dimension') }} and measure = '{{ main_measure() }}'
),

-- A mistyped year would fill three years with empty months.
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

-- A few entities are concentrated because there are few, so their movement says little.
dimensions as (
    select
        indices.dimension,
        indices.measure
    from indices
    where indices.period_grain = 'all' and indices.entity_count >= 5
)

select
    {{ report_fact(
        section='trend',
        source='entity_concentration.entity_value',
        key="concat('month, ', entities.measure, ', ', months.month_name)",
        series=text_literal(main_measure_label()),
        position='months.position',
        label='months.month_name',
        value='entities.entity_value',
        unit="'" ~ main_measure_unit() ~ "'",
        state='months.state'
    ) }}
from months
inner join entities on months.month_name = entities.entity_id
union all
select
    {{ report_fact(
        section='trend',
        source='concentration_indices.hhi_unbiased',
        key="concat_ws(', ', dimensions.dimension, 'month', "
            ~ "cast(months.period_start as string), dimensions.measure)",
        series=dimension_label('dimensions.dimension'),
        position='months.position',
        label='months.month_name',
        value='indices.hhi_unbiased',
        unit="'index'",
        interval='indices.hhi',
        compared='indices.hhi',
        state='months.state',
        detail='indices.undefined_reason'
    ) }}
from months
cross join dimensions
inner join indices
    on
        months.period_start = indices.period_start
        and dimensions.dimension = indices.dimension
        and dimensions.measure = indices.measure
where indices.period_grain = 'month'
