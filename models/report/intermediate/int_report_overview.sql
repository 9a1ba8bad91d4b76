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
)

select
    {{ report_fact(
        section='overview',
        source='mapping.name',
        key="'mapping'",
        position=1,
        label="'Export'",
        detail=text_literal(mapping_in_use().name)
    ) }}
{%- for label, aggregate in [('First day', 'min'), ('Last day', 'max')] %}
union all
select
    {{ report_fact(
        section='overview',
        source='calendar_dates.date_day',
        key="'" ~ aggregate ~ " of all days'",
        position=1 + loop.index,
        label="'" ~ label ~ "'",
        unit="'date'",
        detail=aggregate ~ '(date_day)'
    ) }}
from calendar_dates
having count(*) > 0
{%- endfor %}
{%- for measure, position, label, unit in [
    ('interactions', 5, rows_are, 'count'),
    (main_measure(), 4, main_measure_label(), main_measure_unit()),
] | unique(attribute=0) %}
union all
select
    {{ report_fact(
        section='overview',
        source='concentration_indices.total_value',
        key="'year, all, " ~ measure ~ ", with what has no year'",
        position=position,
        label=text_literal(label),
        value='total_value',
        unit="'" ~ unit ~ "'"
    ) }}
from totals
where measure = '{{ measure }}'
{%- endfor %}
{%- for dimension in ['customer', 'product'] %}
union all
select
    {{ report_fact(
        section='overview',
        source='concentration_indices.entity_count',
        key="'" ~ dimension ~ ", all, " ~ main_measure() ~ "'",
        position=5 + loop.index,
        label=text_literal(capitalized(label_for_several(dimension))),
        value='entity_count',
        unit="'count'"
    ) }}
from indices
where
    measure = '{{ main_measure() }}'
    and dimension = '{{ dimension }}'
    and period_grain = 'all'
    and entity_count > 0
{%- endfor %}
union all
select
    {{ report_fact(
        section='overview',
        source='limit_status.status',
        key="'latest complete periods'",
        position=8,
        label="'Limits broken'",
        value="count(case when status = 'breach' then 1 end)",
        unit="'count'",
        detail="concat('of ', cast(count(*) as string), ' that can be measured')"
    ) }}
from limit_status
where is_latest_complete and status != 'not_measurable'
union all
select
    {{ report_fact(
        section='overview',
        source='risk_register.register_rank',
        key="'all rows'",
        position=9,
        label="'Things worth attention'",
        value='count(*)',
        unit="'count'"
    ) }}
from risk_register
