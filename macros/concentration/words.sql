{# Figures, periods and names in words, and the sentences made of them. #}

{# A share as people write it: 12.6%. #}
{% macro percent_words(share) -%}
    concat(cast({{ rounded('100 * (' ~ share ~ ')', 9, 1) }} as string), '%')
{%- endmacro %}

{# A share that somebody chose, without unnecessary decimals: 25%. #}
{% macro target_words(share) -%}
    replace({{ percent_words(share) }}, '.0%', '%')
{%- endmacro %}

{# The value of an entity: money with its cents, counts whole. #}
{% macro value_words(measure, value) -%}
    case
        when {{ measure }} = 'revenue' then {{ revenue_words(value, 2) }}
        else {{ money_words(value) }}
    end
{%- endmacro %}

{# The text after the ten names that a table keeps. #}
{% macro and_more(entity_count) -%}
    case
        when {{ entity_count }} > 10
            then concat(' and ', cast({{ entity_count }} - 10 as string), ' more')
        else ''
    end
{%- endmacro %}

{# A text with its first letter as at the start of a sentence. #}
{% macro first_upper(text) -%}
    concat(upper(substr({{ text }}, 1, 1)), substr({{ text }}, 2))
{%- endmacro %}

{# An index of 0 to 1 with three decimals. #}
{% macro index_words(value) -%}
    cast({{ rounded(value, 12, 3) }} as string)
{%- endmacro %}

{# The label of a dimension, for sentences. If two share a label, the second has its name in
   brackets. #}
{% macro dimension_label(dimension) -%}
    {%- set taken = [] -%}
    case {{ dimension }}
        {%- for known in all_dimensions() %}
        {%- set label = label_of_dimension(known) %}
        {%- set words = label ~ (' (' ~ known.name ~ ')' if label in taken else '') %}
        {%- do taken.append(label) %}
        when '{{ known.name }}' then {{ text_literal(words) }}
        {%- endfor %}
    end
{%- endmacro %}

{# Its position among the dimensions of the export, for sorting in an order that is not
   alphabetical. #}
{% macro dimension_place(dimension) -%}
    case {{ dimension }}
        {%- for known in all_dimensions() %}
        when '{{ known.name }}' then {{ loop.index }}
        {%- endfor %}
    end
{%- endmacro %}

{# A period as people write it: 2024, 2024-Q4, 2024-12, or the whole of the data. #}
{% macro period_words(period_grain, period_start) -%}
    case {{ period_grain }}
        when 'all' then 'the whole period'
        when 'year' then substr(cast({{ period_start }} as string), 1, 4)
        when 'quarter' then concat(
            substr(cast({{ period_start }} as string), 1, 4), '-Q',
            cast(quarter({{ period_start }}) as string)
        )
        else substr(cast({{ period_start }} as string), 1, 7)
    end
{%- endmacro %}

{# True for limits on one name, rather than on the whole distribution. #}
{% macro is_single_name(indicator) -%}
    {{ indicator }} in ('entity_share', 'cr1')
{%- endmacro %}

{# True for indicators that are shares of the largest, rather than indices. #}
{% macro is_share(indicator) -%}
    ({{ indicator }} like 'cr%' or {{ indicator }} like '%share')
{%- endmacro %}

{# The unit of an indicator's value: share, count or index. #}
{% macro indicator_unit(indicator) -%}
    case
        when {{ is_share(indicator) }} then 'share'
        when {{ indicator }} = 'effective_number' then 'count'
        else 'index'
    end
{%- endmacro %}

{# The value of an indicator in its own unit. #}
{% macro indicator_value_words(indicator, value) -%}
    case
        when {{ is_share(indicator) }} then {{ percent_words(value) }}
        else {{ index_words(value) }}
    end
{%- endmacro %}

{# The display name of an indicator. #}
{% macro indicator_words(indicator) -%}
    case {{ indicator }}
        when 'entity_share' then 'largest single share'
        when 'cr1' then 'share of the largest'
        when 'hhi' then 'HHI'
        when 'hhi_normalized' then 'normalised HHI'
        when 'effective_number' then 'effective number'
        when 'gini' then 'Gini'
        {%- for count in [4, 5, 10, 20] %}
        when 'cr{{ count }}' then 'share of the {{ count }} largest'
        {%- endfor %}
        {%- for percent in [1, 5, 10, 20] %}
        when 'top_{{ percent }}pct_share' then 'share of the largest {{ percent }}%'
        {%- endfor %}
        else replace({{ indicator }}, '_', ' ')
    end
{%- endmacro %}

{# Words that say that an amount rests on few orders. #}
{% macro few_orders_words(effective_transactions) -%}
    case
        when {{ effective_transactions }} < 1.5 then 'all of it in one order'
        when {{ effective_transactions }} < {{ var('few_orders') }}
            then 'most of it in a few orders'
    end
{%- endmacro %}

{# A sentence as people read it: {column} is a text, {column:format} a value in words. #}
{% macro sentence(text) -%}
    {%- set parts = [] -%}
    {%- for part in modules.re.split('[{}]', text) if part -%}
        {%- set column, format = (part ~ ':').split(':')[:2] -%}
        {%- do parts.append(
            text_literal(part) if '{' ~ part ~ '}' not in text else in_words(column, format) | trim
        ) -%}
    {%- endfor -%}
    concat({{ parts | join(', ') }})
{%- endmacro %}

{# Sentences joined by a separator. A clause is a pair of a condition and a sentence, which is left
   out unless the condition holds, or an SQL expression, which is left out if it is NULL. #}
{% macro clauses(separator, list) -%}
    concat_ws(
        '{{ separator }}'
        {%- for clause in list %},
        {% if clause is string -%} {{ clause }}
        {%- else -%} case when {{ clause[0] }} then {{ sentence(clause[1]) }} end
        {%- endif -%}
        {%- endfor %}
    )
{%- endmacro %}

{# A column in words, by the name of a format. The relation must also have the column that the
   format needs: measure for an amount, indicator for its value, period_grain for a period. #}
{% macro in_words(column, format) -%}
    {%- if format == 'percent' -%} {{ percent_words(column) }}
    {%- elif format == 'count' -%} cast({{ column }} as string)
    {%- elif format == 'number' -%} {{ money_words(column) }}
    {%- elif format == 'index' -%} {{ index_words(column) }}
    {%- elif format == 'amount' -%} {{ amount_words('measure', column) }}
    {%- elif format == 'revenue' -%} {{ revenue_words(column) }}
    {%- elif format == 'entity_value' -%} {{ value_words('measure', column) }}
    {%- elif format == 'measure' -%} {{ measure_words(column) }}
    {%- elif format == 'indicator' -%} {{ indicator_words(column) }}
    {%- elif format == 'value' -%} {{ indicator_value_words('indicator', column) }}
    {%- elif format == 'label' -%} {{ dimension_label(column) }}
    {%- elif format == 'role' -%} lower({{ dimension_label(column) }})
    {%- elif format == 'more' -%} {{ and_more(column) }}
    {%- elif format == 'target' -%} {{ target_words(column) }}
    {%- elif format == 'spaced' -%} replace({{ column }}, '_', ' ')
    {%- elif format == 'day' -%} cast({{ column }} as string)
    {%- elif format == 'several' -%}
        case {{ column }}
            when 'customer' then {{ text_literal(label_for_several('customer')) }}
            else {{ text_literal(label_for_several('product')) }}
        end
    {%- elif format == 'period' -%} {{ period_words('period_grain', column) }}
    {%- elif format == 'month' -%} {{ period_words("'month'", column) }}
    {%- elif format -%} {{ exceptions.raise_compiler_error('no format of sentences: ' ~ format) }}
    {%- else -%} {{ column }}
    {%- endif -%}
{%- endmacro %}

{# The message of the test of a broken limit, for one row of limit_status. #}
{% macro breach_message() -%}
    concat(
        limit_id, ': ', dimension, ' ',
        coalesce(over_entities, {{ indicator_words('indicator') }}), ', ',
        {{ indicator_value_words('indicator', 'indicator_value') }}, ' in ',
        {{ period_words('period_grain', 'period_start') }}, ' against ',
        {{ indicator_value_words('indicator', 'breach_at') }}
    )
{%- endmacro %}
