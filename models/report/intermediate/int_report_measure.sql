{%- set measure = main_measure() -%}
{%- set words = label_for_one('revenue') if measure == 'revenue'
    else label_for_several(measure[:-1]) -%}

-- Limits, changes and the register speak of the same.
select
    '{{ measure }}' as measure,
    {{ text_literal(capitalized(words)) }} as measure_label,
    '{{ 'money' if measure == 'revenue' else 'count' }}' as unit
