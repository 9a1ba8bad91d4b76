{# How models read the mapping: the only macros that know its keys. #}

{# One block of the mapping (interactions, orders, customers, products), {} if absent. #}
{% macro mapped_block(block) -%}
    {{ return(var('mapping').get(block) or {}) }}
{%- endmacro %}


{# The header that carries a role in a block, none where the export has no such column. #}
{% macro mapped_header(block, role) -%}
    {{ return(mapped_block(block).get('columns', {}).get(role)) }}
{%- endmacro %}


{# The extra dimensions that a mapping takes from a block. #}
{% macro mapped_dimensions(block) -%}
    {%- set found = [] -%}
    {%- for dimension in var('mapping').get('dimensions') or [] -%}
        {%- if dimension.get('from', 'interactions') == block -%}
            {%- do found.append(dimension) -%}
        {%- endif -%}
    {%- endfor -%}
    {{ return(found) }}
{%- endmacro %}


{# Every header of a block that the models read, once, in a fixed order. #}
{% macro mapped_headers(block) -%}
    {%- set headers = mapped_block(block).get('columns', {}).values() | list -%}
    {%- for dimension in mapped_dimensions(block) -%}
        {%- do headers.append(dimension.column) -%}
    {%- endfor -%}
    {%- for rule in mapped_block(block).get('leave_out') or [] -%}
        {%- do headers.append(rule.column) -%}
    {%- endfor -%}
    {{ return(headers | unique(case_sensitive=true) | list) }}
{%- endmacro %}


{# The text of a role: trimmed; NULL where it is empty, means nothing, or is not mapped. #}
{% macro mapped_text(block, role) -%}
    {{ return(column_text(mapped_header(block, role), role)) }}
{%- endmacro %}


{% macro column_text(header, role) -%}
    {%- if not header -%}
        cast(null as string)
    {%- else -%}
        {%- set text = namespace(sql='nullif(' ~ trimmed(quoted(header)) ~ ", '')") -%}
        {%- for nothing in var('mapping').get('missing_values') or [] -%}
            {%- set text.sql = 'nullif(' ~ text.sql ~ ', ' ~ text_literal(nothing) ~ ')' -%}
        {%- endfor -%}
        {%- if role in (var('mapping').get('fold_case') or []) -%}
            {{ lowered(replace_all(text.sql, '\\s+', ' ')) }}
        {%- else -%}
            {{ text.sql }}
        {%- endif -%}
    {%- endif -%}
{%- endmacro %}


{# An id as people write it: `17850.0` is the float export of 17850; leading zeros stay. #}
{% macro mapped_id(block, role) -%}
    {%- set text = mapped_text(block, role) -%}
    {%- if mapped_header(block, role) -%}
        case
            when {{ quoted(mapped_header(block, role)) }} like '%.0%'
                then {{ replace_all(text, '^([0-9]+)[.]0+$', id_capture()) }}
            else {{ text }}
        end
    {%- else -%}
        {{ text }}
    {%- endif -%}
{%- endmacro %}


{# Which revenue the mapping asks for: amount, list_price or customer_amount. #}
{% macro revenue_basis() -%}
    {{ return(var('mapping').get('revenue') or 'amount') }}
{%- endmacro %}


{# Whether revenue is the product's list price times the row's quantity. #}
{% macro prices_quantities() -%}
    {{ return(
        revenue_basis() == 'list_price' and mapped_header('interactions', 'quantity') is not none
    ) }}
{%- endmacro %}


{# The columns of `interactions` that a mapping can fill, extra dimensions included. #}
{% macro interaction_columns() -%}
    {%- set columns = [
        'customer_id', 'product_id', 'order_id', 'interaction_type', 'customer_name',
        'product_name', 'category', 'payment_method', 'revenue', 'has_time_of_day', 'interacted_at'
    ] -%}
    {%- for dimension in mapped_dimensions('interactions') + mapped_dimensions('orders') -%}
        {%- do columns.append(dimension.name) -%}
    {%- endfor -%}
    {{ return(columns) }}
{%- endmacro %}


{# Why rows are left out on purpose: the mapping asked for it, nothing is wrong with them. #}
{% macro deliberate_reasons() -%}
    {%- set reasons = ['return_left_out', 'repeated_row'] -%}
    {%- for block in ['interactions', 'orders', 'customers', 'products'] -%}
        {%- for rule in mapped_block(block).get('leave_out') or [] -%}
            {%- do reasons.append(rule.reason) -%}
        {%- endfor -%}
    {%- endfor -%}
    {{ return(reasons | unique | list) }}
{%- endmacro %}


{# The keys of the mapping that are likely to be wrong where many rows are rejected for a reason. #}
{% macro keys_behind(reason) -%}
    case {{ reason }}
        when 'malformed_timestamp' then 'time_formats'
        when 'implausible_timestamp' then 'time_formats'
        when 'malformed_amount' then 'decimal or thousands'
        when 'unknown_interaction_type' then 'interaction_types'
        when 'order_line_without_order' then 'orders.files'
        when 'repeated_order_id' then 'orders.files'
        when 'repeated_customer_id' then 'customers.files'
        when 'repeated_product_id' then 'products.files'
        when 'malformed_line' then 'delimiter or quote'
        else 'columns'
    end
{%- endmacro %}
