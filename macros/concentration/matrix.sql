{# The pairs of dimensions that concentration_matrix crosses. #}

{# Those of var `matrix_pairs` that this export feeds. #}
{% macro matrix_pairs() -%}
    {%- set fed = all_dimensions() | map(attribute='name') | list -%}
    {%- set found = [] -%}
    {%- for pair in var('matrix_pairs') if pair.row in fed and pair.column in fed -%}
        {%- do found.append({
            'row': pair.row,
            'column': pair.column,
            'name': text_literal(pair.row ~ ' x ' ~ pair.column),
            'row_id': pair.row ~ '_id',
            'column_id': pair.column ~ '_id'
        }) -%}
    {%- endfor -%}
    {{ return(found) }}
{%- endmacro %}


{# The dimensions of those pairs, once each. #}
{% macro matrix_dimensions() -%}
    {%- set found = [] -%}
    {%- for pair in matrix_pairs() -%}
        {%- do found.append(pair.row) -%}
        {%- do found.append(pair.column) -%}
    {%- endfor -%}
    {{ return(found | unique | list) }}
{%- endmacro %}


{# The value of a dimension on a row of interactions, joined with customers and products. #}
{% macro row_dimension(name) -%}
    {%- set dimension = all_dimensions() | selectattr('name', 'equalto', name) | first -%}
    {%- set calendar = {
        'year': "substr(cast(cast(interactions.interacted_at as date) as string), 1, 4)",
        'month': "substr(cast(cast(interactions.interacted_at as date) as string), 1, 7)",
        'date': "cast(cast(interactions.interacted_at as date) as string)",
        'weekday': weekday_name(iso_weekday('interactions.interacted_at')),
        'hour': "case when interactions.has_time_of_day"
            ~ " then lpad(cast(hour(interactions.interacted_at) as string), 2, '0') end"
    } -%}
    {%- if dimension.from == 'calendar' -%} {{ calendar[name] }}
    {%- elif name in ('customer', 'product') -%} interactions.{{ name }}_id
    {%- else -%} {{ dimension.from }}.{{ name }}
    {%- endif -%}
{%- endmacro %}


{# A part of the pair that a row of the grouping sets belongs to. #}
{% macro grouped_pair(pairs, part) -%}
    case
        {%- for pair in pairs %}
        when grouping({{ pair.row_id }}) = 0 and grouping({{ pair.column_id }}) = 0
            then {{ pair[part] }}
        {%- endfor %}
    end
{%- endmacro %}
