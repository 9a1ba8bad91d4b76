{# How models read the blocks, columns and dimensions of the mapping. A macro that needs another key
   reads it from mapping_in_use(). #}

{# One block of the mapping (interactions, orders, customers, products), {} if absent. #}
{% macro mapped_block(block) -%}
    {{ return(mapping_in_use().get(block) or {}) }}
{%- endmacro %}


{# The headers of a block by role. An amount in two columns has the roles amount and
   amount_out. #}
{% macro mapped_roles(block) -%}
    {%- set headers = {} -%}
    {%- for role, header in mapped_block(block).get('columns', {}).items() -%}
        {%- if header is mapping -%}
            {%- do headers.update({role: header.get('column') or header.get('in')}) -%}
            {%- if header.get('out') -%}
                {%- do headers.update({role ~ '_out': header.out}) -%}
            {%- endif -%}
        {%- else -%}
            {%- do headers.update({role: header}) -%}
        {%- endif -%}
    {%- endfor -%}
    {{ return(headers) }}
{%- endmacro %}


{# The header of the column with a role in a block; none if the export has no such column. #}
{% macro mapped_header(block, role) -%}
    {{ return(mapped_roles(block).get(role)) }}
{%- endmacro %}


{# The type of a role's values if its column has one: number, date or timestamp. The values arrive
   as text, written according to the type, whatever the mapping says about how texts are written. In
   a project that installed this one, all columns of relations have types. #}
{% macro type_of(block, role) -%}
    {%- if is_installed() -%}
        {{ return('timestamp' if role in ['time', 'date'] else 'number') }}
    {%- endif -%}
    {{ return((mapped_block(block).get('types') or {}).get(mapped_header(block, role))) }}
{%- endmacro %}


{# The extra dimensions that a mapping takes from a block. #}
{% macro mapped_dimensions(block) -%}
    {%- set found = [] -%}
    {%- for dimension in mapping_in_use().get('dimensions') or [] -%}
        {%- if dimension.get('from', 'interactions') == block -%}
            {%- do found.append(dimension) -%}
        {%- endif -%}
    {%- endfor -%}
    {{ return(found) }}
{%- endmacro %}


{# Those that a row of interactions has, from its own columns or from its order. #}
{% macro mapped_row_dimensions() -%}
    {{ return(mapped_dimensions('interactions') + mapped_dimensions('orders')) }}
{%- endmacro %}


{# Every header of a block that the models read, once, in a fixed order. #}
{% macro mapped_headers(block) -%}
    {%- set headers = mapped_roles(block).values() | list -%}
    {%- set sign = mapped_block(block).get('sign') -%}
    {%- if sign is mapping -%} {%- do headers.append(sign.column) -%} {%- endif -%}
    {%- if mapped_currency().column and mapped_currency().block == block -%}
        {%- do headers.append(mapped_currency().column) -%}
    {%- endif -%}
    {%- do headers.extend(filled_headers(block).keys()) -%}
    {%- for dimension in mapped_dimensions(block) -%}
        {%- do headers.append(dimension.column) -%}
    {%- endfor -%}
    {%- for rule in mapped_block(block).get('leave_out') or [] -%}
        {%- do headers.append(rule.column) -%}
    {%- endfor -%}
    {{ return(headers | unique(case_sensitive=true) | list) }}
{%- endmacro %}


{# The headers of a block whose blank cells take the value of the row above, each with how far that
   extends: to the next order, or to the next value in the file. #}
{% macro filled_headers(block) -%}
    {%- set filled = {} -%}
    {%- for item in mapped_block(block).get('fill_down') or [] -%}
        {%- set name = item if item is string else item.column -%}
        {%- do filled.update({
            mapped_roles(block).get(name, name):
                'order' if item is string else item.get('within', 'order')
        }) -%}
    {%- endfor -%}
    {{ return(filled) }}
{%- endmacro %}


{# The order within which cells are filled: the order of the row or, if the order itself is filled,
   that of a row above. #}
{% macro order_to_fill_within() -%}
    {%- set header = mapped_header('interactions', 'order') -%}
    {%- if not header -%}
        cast(null as string)
    {%- elif header in filled_headers('interactions') -%}
        {{ last_filled(
            'nullif(' ~ trimmed(quoted(header)) ~ ", '')", '_file_key', '_source_row'
        ) }}
    {%- else -%}
        nullif({{ trimmed(quoted(header)) }}, '')
    {%- endif -%}
{%- endmacro %}


{# A cell of a column. If it is blank and the mapping fills it, it takes the value of the row above:
   within the same order if orders are mapped, unless the mapping says that values continue through
   the file. #}
{% macro filled_cell(header) -%}
    {%- set filled = filled_headers('interactions') -%}
    {%- set order = mapped_header('interactions', 'order') -%}
    {%- set cell = 'nullif(' ~ trimmed(quoted(header)) ~ ", '')" -%}
    {%- if header not in filled -%}
        {{ quoted(header) }}
    {%- elif header == order -%}
        filled_order
    {%- elif order and filled[header] == 'order' -%}
        case
            when filled_order is null then {{ quoted(header) }}
            else coalesce(
                {{ last_filled(cell, '_file_key, filled_order', '_source_row') }}, ''
            )
        end
    {%- else -%}
        coalesce({{ last_filled(cell, '_file_key', '_source_row') }}, '')
    {%- endif -%}
{%- endmacro %}


{# The text of the mapping's column for debit or credit; NULL if it names none. #}
{% macro sign_text() -%}
    {%- set sign = mapped_block('interactions').get('sign') -%}
    {{ column_text(sign.column if sign is mapping else none, 'sign') }}
{%- endmacro %}


{# Whether an amount that is repeated on several lines of an order counts once. #}
{% macro is_once_per_order() -%}
    {%- set amount = mapped_block('interactions').get('columns', {}).get('amount') -%}
    {{ return(amount is mapping and amount.get('once_per') == 'order') }}
{%- endmacro %}


{# The roles whose equal values make rows repeated; an empty list if the mapping names none. #}
{% macro duplicate_roles() -%}
    {%- set duplicates = mapping_in_use().get('duplicates') -%}
    {%- set roles = duplicates.by if duplicates is mapping else [] -%}
    {{ return([roles] if roles is string else roles) }}
{%- endmacro %}


{# Whether a row of interactions depends on other rows of its file, so that its position must be
   known. #}
{% macro depends_on_other_rows() -%}
    {{ return(
        mapping_in_use().get('duplicates', 'keep') != 'keep'
        or is_once_per_order()
        or filled_headers('interactions') | length > 0
        or mapped_currency().rates | length > 0
    ) }}
{%- endmacro %}


{# Whether the staged rows of interactions are stored in a table. If each row can be interpreted
   alone, the models that need them read the file again, which costs less. A relation of another
   project may be a slow view, so it is read only once. #}
{% macro keeps_staged_rows() -%}
    {{ return(
        is_installed() or depends_on_other_rows() or mapped_block('orders') | length > 0
    ) }}
{%- endmacro %}


{# The text of a role, trimmed; NULL if it is empty, counts as missing, or is not mapped. #}
{% macro mapped_text(block, role) -%}
    {{ return(column_text(mapped_header(block, role), role)) }}
{%- endmacro %}


{% macro column_text(header, role) -%}
    {%- if not header -%}
        cast(null as string)
    {%- else -%}
        {%- set text = namespace(sql='nullif(' ~ trimmed(quoted(header)) ~ ", '')") -%}
        {%- for nothing in mapping_in_use().get('missing_values') or [] -%}
            {%- set text.sql = 'nullif(' ~ text.sql ~ ', ' ~ text_literal(nothing) ~ ')' -%}
        {%- endfor -%}
        {%- if role in (mapping_in_use().get('fold_case') or []) -%}
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
                then {{ replace_all(text, '^([0-9]+)[.]0+$', '\\1') }}
            else {{ text }}
        end
    {%- else -%}
        {{ text }}
    {%- endif -%}
{%- endmacro %}


{# Which revenue the mapping asks for: amount, list_price or customer_amount. #}
{% macro revenue_basis() -%}
    {{ return(mapping_in_use().get('revenue') or 'amount') }}
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
        'customer_key', 'product_key', 'order_id', 'interaction_type', 'customer_name',
        'product_name', 'category', 'payment_method', 'revenue', 'has_time_of_day', 'interacted_at'
    ] -%}
    {%- for dimension in mapped_row_dimensions() -%}
        {%- do columns.append(dimension.name) -%}
    {%- endfor -%}
    {{ return(columns) }}
{%- endmacro %}


{# Reasons for rows that are left out on purpose: the mapping asked for it, and nothing is wrong
   with the rows. #}
{% macro deliberate_reasons() -%}
    {%- set reasons = ['return_left_out', 'repeated_row'] -%}
    {%- if mapped_currency().into and not mapped_currency().rates -%}
        {%- for code in currency_codes() -%}
            {%- do reasons.append('other_currency_' ~ code | lower) -%}
        {%- endfor -%}
    {%- endif -%}
    {%- for block in ['interactions', 'orders', 'customers', 'products'] -%}
        {%- for rule in mapped_block(block).get('leave_out') or [] -%}
            {%- do reasons.append(rule.reason) -%}
        {%- endfor -%}
    {%- endfor -%}
    {{ return(reasons | unique | list) }}
{%- endmacro %}


{# The keys of the mapping that are likely to be wrong if many rows are rejected for a reason. #}
{% macro keys_behind(reason) -%}
    case {{ reason }}
        when 'missing_timestamp'
            then 'columns.time or columns.date (an export without any date says undated: keep)'
        when 'malformed_timestamp' then 'time_formats'
        when 'implausible_timestamp' then 'time_formats'
        when 'malformed_amount' then 'decimal or thousands'
        when 'unclear_scale_word' then 'the numbers in the file'
        when 'unknown_interaction_type' then 'interaction_types'
        when 'order_line_without_order' then 'orders.files'
        when 'repeated_order_id' then 'orders.files'
        when 'repeated_customer_id' then 'customers.files'
        when 'repeated_product_id' then 'products.files'
        when 'malformed_line' then 'delimiter or quote'
        when 'return_left_out' then 'returns'
        when 'repeated_row' then 'duplicates'
        {%- for block in ['interactions', 'orders', 'customers', 'products'] %}
        {%- for rule in mapped_block(block).get('leave_out') or [] %}
        when '{{ rule.reason }}' then '{{ block }}.leave_out'
        {%- endfor %}
        {%- endfor %}
        when 'missing_interaction_type' then 'columns.interaction_type'
        else 'columns'
    end
{%- endmacro %}
