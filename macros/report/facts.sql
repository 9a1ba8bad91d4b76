{# The columns of report_facts, as SQL expressions of the section's query; what a section does not
   have is NULL. The source is the model and column that a reader finds the number in. #}
{% macro report_fact(
    section, source, key, position, series="''", label='null', value='null', unit="'text'",
    interval=none, compared='null', state='null', detail='null'
) -%}
    {%- set source_model, source_column = source.split('.') -%}
    '{{ section }}' as section,
    {{ series }} as series,
    cast({{ position }} as integer) as position,
    cast({{ label }} as string) as label,
    cast({{ value }} as double) as fact_value,
    {{ unit }} as unit,
    cast({{ interval ~ '_low' if interval else 'null' }} as double) as interval_low,
    cast({{ interval ~ '_high' if interval else 'null' }} as double) as interval_high,
    cast({{ compared }} as double) as comparison_value,
    cast({{ state }} as string) as state,
    cast({{ detail }} as string) as detail,
    '{{ source_model }}' as source_model,
    '{{ source_column }}' as source_column,
    {{ key }} as source_key
{%- endmacro %}
