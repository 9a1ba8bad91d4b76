{#- Longer than others: seven key figures come from three sources, with the words of
    the page. -#}
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
with

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
)

{%- for section, column, key, series, label, detail in words %}
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
{{ 'union all' if not loop.last }}
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
