{#- Longer than others: it draws the largest of each dimension and the calendar, the
    last three years month by month, and how two dimensions meet: weekdays with hours,
    and attention with revenue. -#}
with

coverage as (select * from {{ ref('int_period_coverage') }}),

data_span as (
    {{ data_span(ref('int_day_activity')) }}
),

entities as (
    select * from {{ ref('entity_concentration') }}
    where measure = '{{ main_measure() }}'
),

-- Time is in calendar order. Only the last three years of the data are shown, not the
-- empty months before a mistyped year, and hours only if the export has them.
calendar as (
    select
        entities.*,
        row_number() over (
            partition by entities.dimension
            order by {{ weekday_number('entities.entity_id') }}, entities.entity_id
        ) as slot_number,
        count(*) over (partition by entities.dimension) as slot_count,
        max(entities.value_share) over (partition by entities.dimension) as top_share
    from entities
    cross join data_span
    where
        entities.dimension in ('hour', 'weekday')
        or entities.dimension = 'month'
        and entities.entity_id >= {{ period_words("'month'", 'data_span.first_date') }}
        and entities.entity_id <= {{ period_words("'month'", 'data_span.last_date') }}
),

placed as (
    select
        dimension,
        measure,
        entity_id,
        entity_label,
        entity_value,
        value_share,
        cast(null as double) as cumulative_share,
        slot_number - greatest(slot_count - 36, 0) as position,
        false as is_rest
    from calendar
    where slot_number > slot_count - 36 and top_share is not null
    union all
    select
        entities.dimension,
        entities.measure,
        entities.entity_id,
        entities.entity_label,
        entities.entity_value,
        entities.value_share,
        entities.cumulative_share,
        least(entities.value_rank, 16) as position,
        entities.value_rank > 15 as is_rest
    from entities
    where
        {{ is_business_dimension('entities.dimension') }}
        and entities.entity_value > 0
),

bars as (
    select
        dimension,
        measure,
        position,
        case when is_rest then 'all others' else max(entity_label) end as label,
        case when is_rest then 'place 16 and on' else max(entity_id) end as entity_id,
        case when is_rest then {{ exact_sum('value_share') }} else max(value_share) end
            as value_share,
        max(cumulative_share) as cumulative_share,
        sum(entity_value) as entity_value,
        is_rest
    from placed
    group by dimension, measure, position, is_rest
),

-- A few entities are concentrated because there are few, so their movement says little.
indices as (
    select
        *,
        max(case when period_grain = 'all' then entity_count end) over (
            partition by dimension
        ) >= 5 as has_trend
    from {{ ref('concentration_indices') }}
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
    where coverage.period_grain = 'month'
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

cells as (
    select * from {{ ref('concentration_matrix') }}
    where
        measure = '{{ main_measure() }}'
        and row_dimension = 'weekday'
        and column_dimension = 'hour'
        and total_share is not null
),

attention_gap as (
    select * from {{ ref('attention_gap') }}
    where finding != 'in_line'
),

attention_indices as (
    select * from {{ ref('concentration_indices') }}
    where
        period_grain = 'all'
        and measure = 'interactions'
        and verdict != 'more_even_than_chance'
),

-- An export with only sales contains no views.
views as (
    select count(*) as view_count
    from {{ ref('entity_concentration') }}
    where
        dimension = 'interaction_type'
        and measure = 'interactions'
        and entity_id not in ('purchase', 'return')
        and entity_value > 0
),

-- An extract that shows each product once says nothing about attention.
ranked as (
    select
        attention_gap.*,
        row_number() over (
            partition by attention_gap.dimension, attention_gap.finding
            order by abs(attention_gap.share_gap) desc, attention_gap.entity_id
        ) as position,
        concat(
            {{ dimension_label('attention_gap.dimension') }},
            case attention_gap.finding
                when 'looked_at_not_bought' then ': looked at but not bought'
                else ': bought though hardly looked at'
            end
        ) as series,
        concat(
            {{ value_words("'interactions'", 'attention_gap.interactions') }},
            {{ text_literal(' ' ~ label_for_several('interaction') ~ ', ') }},
            {{ value_words("'revenue'", 'attention_gap.revenue') }},
            {{ text_literal(' of ' ~ label_for_one('revenue')) }}
        ) as detail
    from attention_gap
    inner join attention_indices
        on attention_gap.dimension = attention_indices.dimension
    cross join views
    where views.view_count > 0 and '{{ main_measure() }}' in ('revenue')
)

select
    {{ report_fact(
        section='bars',
        source='entity_concentration.value_share',
        key="concat(dimension, ', ', measure, ', ', entity_id)",
        series=dimension_label('dimension'),
        position='position',
        label='label',
        value='value_share',
        unit="'share'",
        compared='cumulative_share',
        state="case when is_rest then 'rest' end",
        detail=value_words('measure', 'entity_value')
    ) }}
from bars
union all
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
where entities.dimension = 'month'
union all
select
    {{ report_fact(
        section='trend',
        source='concentration_indices.hhi_unbiased',
        key="concat_ws(', ', indices.dimension, 'month', "
            ~ "cast(months.period_start as string), indices.measure)",
        series=dimension_label('indices.dimension'),
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
inner join indices on months.period_start = indices.period_start
where indices.period_grain = 'month' and indices.has_trend
union all
select
    {{ report_fact(
        section='heat_map',
        source='concentration_matrix.total_share',
        key="concat_ws(', ', 'weekday', 'hour', row_id, column_id, measure)",
        series='row_id',
        position='24 * ' ~ weekday_number('row_id') ~ ' + cast(column_id as integer)',
        label='column_id',
        value='total_share',
        unit="'share'",
        compared='independence_ratio',
        detail=value_words('measure', 'cell_value')
    ) }}
from cells
union all
select
    {{ report_fact(
        section='attention',
        source='attention_gap.share_gap',
        key="concat(dimension, ', ', entity_id)",
        series='series',
        position='position',
        label='entity_label',
        value='share_gap',
        unit="'share'",
        compared='interactions_share',
        state='finding',
        detail='detail'
    ) }}
from ranked
where position <= 10
