{# Which dimensions this export feeds, and from where. #}

{# The dimensions of var `dimensions` and of the mapping that come from one source:
   customer, product, customers, products, interactions or calendar. #}
{% macro dimensions_from(source_name) -%}
    {%- set found = [] -%}
    {%- for dimension in all_dimensions() if dimension.from == source_name -%}
        {%- do found.append(dimension) -%}
    {%- endfor -%}
    {{ return(found) }}
{%- endmacro %}


{# A column on the rows themselves takes precedence over the attribute of a customer or product of
   the same name; an extra dimension of an order is a column of its lines. #}
{% macro all_dimensions() -%}
    {%- set own = dict(mapped_roles('interactions'), **mapped_roles('orders')) -%}
    {%- set roles = {
        'customers': mapped_roles('customers'), 'products': mapped_roles('products')
    } -%}
    {%- set found = [] -%}
    {%- for known in var('dimensions') -%}
        {%- if known.name in ('customer', 'product') or known.from == 'calendar' -%}
            {%- do found.append(known) -%}
        {%- elif known.name in own -%}
            {%- do found.append(dict(known, **{'from': 'interactions'})) -%}
        {%- elif (known.get('needs') or []) | select('in', roles.get(known.from, {})) | list -%}
            {%- do found.append(known) -%}
        {%- endif -%}
    {%- endfor -%}
    {%- for dimension in mapping_in_use().get('dimensions') or [] -%}
        {%- set block = dimension.get('from', 'interactions') -%}
        {%- do found.append({
            'name': dimension.name,
            'label': dimension.get('label') or dimension.name,
            'from': 'interactions' if block == 'orders' else block,
            'is_added': true
        }) -%}
    {%- endfor -%}
    {{ return(found) }}
{%- endmacro %}


{# group by grouping sets: one scan gives every attribute its own total per month. Without
   attributes one set remains, the month itself, and its rows have no dimension. #}
{% macro attribute_sets(dimensions, key='month_start') -%}
    {%- set keys = 'month_start' if key == 'month_start' else 'month_start, ' ~ key -%}
    {%- for dimension in dimensions %}
        ({{ keys }}, {{ dimension.name }}){{ ',' if not loop.last }}
    {%- else %}
        ({{ keys }})
    {%- endfor %}
{%- endmacro %}


{# The name of the dimension that a row of the grouping sets belongs to. #}
{% macro attribute_name(dimensions) -%}
    {%- if not dimensions -%}
        cast(null as string)
    {%- else -%}
        case
            {%- for dimension in dimensions %}
            when grouping({{ dimension.name }}) = 0 then '{{ dimension.name }}'
            {%- endfor %}
        end
    {%- endif -%}
{%- endmacro %}


{# Its value: all attributes but one are NULL in a row of the grouping sets. #}
{% macro attribute_value(dimensions) -%}
    coalesce(
        {%- for dimension in dimensions %}
        {{ dimension.name }},
        {%- endfor %}
        cast(null as string)
    )
{%- endmacro %}


{# The edges between the quarters of a value. They are interpolated, so equal values are in the same
   quarter. #}
{% macro quartiles(value) -%}
    {{ quantile(value, 0.25) }} as first_quartile,
    {{ quantile(value, 0.50) }} as median,
    {{ quantile(value, 0.75) }} as third_quartile
{%- endmacro %}


{# The name of the quarter that a value falls into; NULL if there is no value. #}
{% macro quarter_name(value, edges, names) -%}
    case
        when {{ value }} <= {{ edges }}.first_quartile then '{{ names[0] }}'
        when {{ value }} <= {{ edges }}.median then '{{ names[1] }}'
        when {{ value }} <= {{ edges }}.third_quartile then '{{ names[2] }}'
        when {{ value }} > {{ edges }}.third_quartile then '{{ names[3] }}'
    end
{%- endmacro %}


{# English weekday names and their ISO numbers, both ways. #}
{% macro weekday_names() -%}
    {{ return([
        'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday', 'Sunday'
    ]) }}
{%- endmacro %}


{% macro weekday_name(weekday_number) -%}
    case {{ weekday_number }}
        {%- for name in weekday_names() %}
        when {{ loop.index }} then '{{ name }}'
        {%- endfor %}
    end
{%- endmacro %}


{% macro weekday_number(weekday_name) -%}
    case {{ weekday_name }}
        {%- for name in weekday_names() %}
        when '{{ name }}' then {{ loop.index }}
        {%- endfor %}
    end
{%- endmacro %}


{# Customers and products, the largest dimensions, are grouped separately, by one key less than the
   rest: the condition on the rows of each group, and SQL for the dimension's name. #}
{% macro dimension_groups() -%}
    {{ return([
        ("dimension = 'customer'", "'customer'"),
        ("dimension = 'product'", "'product'"),
        ("dimension not in ('customer', 'product')", 'dimension'),
    ]) }}
{%- endmacro %}


{# The texts in the rows of this export that describe the customer or product they name: the
   dimension, the role of the text and the column that has it. #}
{% macro described_in_rows() -%}
    {%- set found = [] -%}
    {%- for dimension, role, column in [
        ('customer', 'name', 'customer_name'),
        ('product', 'name', 'product_name'),
        ('product', 'category', 'category'),
    ] if mapped_header('interactions', column) or mapped_header('orders', column) -%}
        {%- do found.append((dimension, role, column)) -%}
    {%- endfor -%}
    {{ return(found) }}
{%- endmacro %}


{# The keys and ids of customers or products that rows name and that no row of `staged` describes:
   those in `row_ids` that `interaction_facts` still has. #}
{% macro ids_without_description(kind) -%}
    select
        row_ids.entity_key as {{ kind }}_key,
        row_ids.entity_id as {{ kind }}_id
    from row_ids
    left join staged
        on
            row_ids.entity_key = staged.{{ kind }}_key
            and row_ids.entity_id = staged.{{ kind }}_id
    where
        staged.{{ kind }}_id is null
        and row_ids.entity_key in (
            select interaction_facts.{{ kind }}_key from interaction_facts
        )
{%- endmacro %}


{# The sums of every month, by dimension: the table that has them, the condition on its rows and SQL
   for the dimension. Customers and products, the largest, are read separately and therefore grouped
   by one key less. #}
{% macro groups_of_months() -%}
    {%- set found = [] -%}
    {%- for rows, dimension in dimension_groups() -%}
        {%- do found.append(('int_entity_months', rows, dimension)) -%}
    {%- endfor -%}
    {%- do found.append(('int_attribute_months', 'dimension is not null', 'dimension')) -%}
    {{ return(found) }}
{%- endmacro %}
