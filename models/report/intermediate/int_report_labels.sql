-- Which measure the page is about, and which words it uses: those of the mapping, or
-- the project's own.
select
    'labels' as section,
    'measure' as series,
    1 as position,
    '{{ main_measure() }}' as label,
    cast(null as double) as fact_value,
    'text' as unit,
    cast(null as double) as interval_low,
    cast(null as double) as interval_high,
    cast(null as double) as comparison_value,
    cast(null as string) as state,
    {{ measure_words("'" ~ main_measure() ~ "'") }} as detail,
    'mapping' as source_model,
    'labels' as source_column,
    'measure' as source_key
{% for role in var('labels') -%}
union all
select
    'labels' as section,
    '{{ role }}' as series,
    1 as position,
    {{ text_literal(label_for_one(role)) }} as label,
    cast(null as double) as fact_value,
    'text' as unit,
    cast(null as double) as interval_low,
    cast(null as double) as interval_high,
    cast(null as double) as comparison_value,
    cast(null as string) as state,
    {{ text_literal(label_for_several(role)) }} as detail,
    'mapping' as source_model,
    'labels' as source_column,
    '{{ role }}' as source_key
{% endfor %}
