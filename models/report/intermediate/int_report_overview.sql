{#- Longer than others: nine key figures come from five tables. -#}
{#- Who tells views from purchases has interactions, all others transactions. -#}
{%- set has_types = mapped_header('interactions', 'interaction_type') -%}
{%- set rows_are = capitalized(label_for_several('interaction')) -%}
{%- if not has_types and rows_are == 'Interactions' -%}
    {%- set rows_are = 'Transactions' -%}
{%- endif -%}
with

calendar_dates as (
    select * from {{ ref('calendar_dates') }}
),

indices as (
    select * from {{ ref('concentration_indices') }}
),

risk_register as (
    select * from {{ ref('risk_register') }}
),

limit_status as (
    select * from {{ ref('limit_status') }}
),

-- Of rows without a date nobody knows the year; they are in the total.
totals as (
    select
        measure,
        cast(total_value + nonpositive_value + unattributed_value as double)
            as total_value
    from indices
    where dimension = 'year' and period_grain = 'all'
),

facts as (
    select
        1 as position,
        'Export' as label,
        cast(null as double) as fact_value,
        'text' as unit,
        {{ text_literal(mapping_in_use().name) }} as detail,
        'mapping' as source_model,
        'name' as source_column,
        'mapping' as source_key
    {%- for label, aggregate in [('First day', 'min'), ('Last day', 'max')] %}
    union all
    select
        {{ 1 + loop.index }} as position,
        '{{ label }}' as label,
        cast(null as double) as fact_value,
        'date' as unit,
        cast({{ aggregate }}(date_day) as string) as detail,
        'calendar_dates' as source_model,
        'date_day' as source_column,
        '{{ aggregate }} of all days' as source_key
    from calendar_dates
    having count(*) > 0
    {%- endfor %}
    union all
    select
        case totals.measure when 'interactions' then 5 else 4 end as position,
        case totals.measure
            when 'interactions' then {{ text_literal(rows_are) }}
            else {{ text_literal(main_measure_label()) }}
        end as label,
        totals.total_value as fact_value,
        case
            when totals.measure = 'interactions' then 'count'
            else '{{ main_measure_unit() }}'
        end as unit,
        cast(null as string) as detail,
        'concentration_indices' as source_model,
        'total_value' as source_column,
        concat('year, all, ', totals.measure, ', with what has no year') as source_key
    from totals
    where totals.measure in ('interactions', '{{ main_measure() }}')
    union all
    select
        case indices.dimension when 'customer' then 6 else 7 end as position,
        case indices.dimension
            when 'customer'
                then {{ text_literal(capitalized(label_for_several('customer'))) }}
            else {{ text_literal(capitalized(label_for_several('product'))) }}
        end as label,
        cast(indices.entity_count as double) as fact_value,
        'count' as unit,
        cast(null as string) as detail,
        'concentration_indices' as source_model,
        'entity_count' as source_column,
        concat(indices.dimension, ', all, ', indices.measure) as source_key
    from indices
    where
        indices.measure = '{{ main_measure() }}'
        and indices.dimension in ('customer', 'product')
        and indices.period_grain = 'all'
        and indices.entity_count > 0
    union all
    select
        8 as position,
        'Limits broken' as label,
        cast(count(case when status = 'breach' then 1 end) as double) as fact_value,
        'count' as unit,
        concat('of ', cast(count(*) as string), ' that can be measured') as detail,
        'limit_status' as source_model,
        'status' as source_column,
        'latest complete periods' as source_key
    from limit_status
    where is_latest_complete and status != 'not_measurable'
    union all
    select
        9 as position,
        'Things worth attention' as label,
        cast(count(*) as double) as fact_value,
        'count' as unit,
        cast(null as string) as detail,
        'risk_register' as source_model,
        'register_rank' as source_column,
        'all rows' as source_key
    from risk_register
)

select
    'overview' as section,
    '' as series,
    position,
    label,
    fact_value,
    unit,
    cast(null as double) as interval_low,
    cast(null as double) as interval_high,
    cast(null as double) as comparison_value,
    cast(null as string) as state,
    detail,
    source_model,
    source_column,
    source_key
from facts
