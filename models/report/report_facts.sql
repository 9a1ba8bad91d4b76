{#- Longer than others: it writes what every page has, the register, key figures, words
    and checks of the input; the other sections follow. -#}
{%- set finding = "concat(evidence_model, ': ', evidence_key)" -%}
{#- An empty register is good news only if something could be measured. -#}
{%- set silence -%}
    case
        when measured_count = 0 then 'No limit could be measured: see limit_status'
        else
            'No limit is broken, and no change is both large and beyond chance '
            || 'in the latest complete periods'
    end
{%- endset -%}
{#- Exports that distinguish views from purchases have interactions; others have
    transactions. -#}
{%- set has_types = mapped_header('interactions', 'interaction_type') -%}
{%- set rows_are = capitalized(label_for_several('interaction')) -%}
{%- if not has_types and rows_are == 'Interactions' -%}
    {%- set rows_are = 'Transactions' -%}
{%- endif -%}
{#- The export and the measure of the page, and the words for things: those of the
    mapping, or otherwise the project's own. -#}
{%- set measure = text_literal(main_measure()) -%}
{%- set words = [
    ('overview', 'name', 'mapping', '', "'Export'",
        text_literal(mapping_in_use().name)),
    ('labels', 'labels', 'measure', 'measure', measure, measure_words(measure)),
] -%}
{%- for role in var('labels') -%}
    {%- do words.append((
        'labels', 'labels', role, role,
        text_literal(label_for_one(role)), text_literal(label_for_several(role))
    )) -%}
{%- endfor -%}
{#- The checks: all rows, valid ones, those left out with the reason, and what valid
    rows lack. -#}
{%- set states = {
    'raw_rows': 'raw', 'valid_rows': 'valid', 'blank_rows': 'blank',
    'rejected_rows': 'rejected', 'rejected: %': 'reason', '%': 'warning'
} -%}
with

risk_register as (select * from {{ ref('risk_register') }}),

limit_status as (
    select * from {{ ref('limit_status') }}
    where is_latest_complete and status != 'not_measurable'
),

limits as (
    select
        count(*) as measured_count,
        count(case when status = 'breach' then 1 end) as broken_count
    from limit_status
),

findings as (
    select count(*) as finding_count from risk_register
),

summary as (
    select
        limits.*,
        findings.finding_count
    from limits
    cross join findings
),

calendar_dates as (select * from {{ ref('calendar_dates') }}),
indices as (select * from {{ ref('concentration_indices') }}),

-- The year of rows without a date is unknown; they are in the total.
totals as (
    select
        measure,
        cast(total_value + nonpositive_value + unattributed_value as double)
            as total_value
    from indices
    where dimension = 'year' and period_grain = 'all'
),

checks as (
    select
        *,
        row_number() over (
            partition by source_block
            order by
                case
                    {%- for check in states %}
                    when check_name like '{{ check }}' then {{ loop.index }}
                    {%- endfor %}
                end, row_count desc, check_name
        ) as position,
        case
            {%- for check, state in states.items() %}
            when check_name like '{{ check }}' then '{{ state }}'
            {%- endfor %}
        end as state
    from {{ ref('data_quality') }}
)

select
    {{ report_fact(
        section='headline',
        source='risk_register.money_at_risk',
        key=finding,
        position='register_rank',
        label='headline',
        value='money_at_risk',
        unit="'money'",
        state='confidence',
        detail='what_to_do'
    ) }}
from risk_register
union all
select
    {{ report_fact(
        section='headline',
        source='risk_register.details',
        key=finding,
        series="'details'",
        position='register_rank',
        label='details'
    ) }}
from risk_register
where details is not null
{%- for section, source, key, position, label, value, detail, condition in [
    ('headline', 'risk_register.register_rank', 'all rows', 0,
        silence, 'finding_count', 'null', 'finding_count = 0'),
    ('overview', 'limit_status.status', 'latest complete periods', 8,
        "'Limits broken'", 'broken_count',
        sentence('of {measured_count:count} that can be measured'), 'true'),
    ('overview', 'risk_register.register_rank', 'all rows', 9,
        "'Things worth attention'", 'finding_count', 'null', 'true'),
] %}
union all
select
    {{ report_fact(
        section=section,
        source=source,
        key="'" ~ key ~ "'",
        position=position,
        label=label,
        value=value,
        unit="'count'",
        detail=detail
    ) }}
from summary
where {{ condition }}
{%- endfor %}
{%- for section, column, key, series, label, detail in words %}
union all
select
    {{ report_fact(
        section=section,
        source='mapping.' ~ column,
        key=text_literal(key),
        series=text_literal(series),
        position=1,
        label=label,
        detail=detail
    ) }}
{%- endfor %}
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
        section='quality',
        source='data_quality.row_count',
        key="concat(source_block, ', ', check_name)",
        series='source_block',
        position='position',
        label="case when state = 'reason' then "
            ~ first_upper(sentence('{check_name:spaced}')) ~ ' else description end',
        value='row_count',
        unit="'rows'",
        compared='row_share',
        state='state',
        detail="case when revenue is not null and '" ~ main_measure() ~ "' = 'revenue' "
            ~ "then concat('Revenue ', " ~ value_words("'revenue'", 'revenue') ~ ') end'
    ) }}
from checks
{%- for section in var('report_sections') %}
union all
select * from {{ ref(section) }}
{%- endfor %}
