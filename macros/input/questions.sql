{# Questions about the valid rows: a name, how the answer is counted, what it means, and the rows
   whose money is stated (none: no rows). Equal rows are in the same hour, so every answer adds up
   over hours. #}
{% macro row_questions() -%}
    {%- set customer, product = label_for_one('customer'), label_for_one('product') -%}
    {%- set purchases = capitalized(label_for_several('purchase')) -%}
    {%- set returns = label_for_several('return') -%}
    {%- set questions = [
        (
            'rows_without_customer',
            'count(*) - count(customer_key)',
            'Valid rows without a ' ~ customer ~ ': in all figures except those by ' ~ customer,
            'customer_key is null'
        ),
        (
            'rows_without_product',
            'count(*) - count(product_key)',
            'Valid rows without a ' ~ product ~ ': in all figures except those by ' ~ product,
            'product_key is null'
        ),
        (
            'rows_without_time_of_day',
            'count(case when interacted_at is not null and not has_time_of_day then 1 end)',
            'Valid rows with a date but no time of day: in all figures except those by hour',
            'interacted_at is not null and not has_time_of_day'
        ),
        (
            'returns',
            'count(case when revenue < 0 then 1 end)',
            'Valid rows with a negative amount: '
            ~ 'they reduce their ' ~ customer ~ ', ' ~ product ~ ' and period',
            'revenue < 0'
        ),
        (
            'zero_amounts',
            'count(case when revenue = 0 then 1 end)',
            'Valid rows with an amount of zero',
            none
        ),
        (
            'repeated_rows',
            'count(*) - count(distinct content_hash)',
            'Valid rows that repeat an earlier one: '
            ~ 'kept unless the mapping sets duplicates: drop',
            none
        )
    ] -%}
    {%- if revenue_basis() != 'none' -%}
        {%- do questions.append((
            'purchases_without_revenue',
            "count(case when interaction_type in ('purchase', 'return') "
            ~ 'and revenue is null then 1 end)',
            purchases ~ ' and ' ~ returns
            ~ ' without a price or amount: they count, but have no revenue',
            none
        )) -%}
    {%- endif -%}
    {%- if keeps_undated() -%}
        {%- for reason, what in [
            ('missing_timestamp', 'without a date'),
            ('malformed_timestamp', 'whose date cannot be read'),
            ('implausible_timestamp', 'whose date is before 1900 or after 2100')
        ] -%}
            {%- do questions.append((
                'undated_' ~ reason,
                "count(case when undated_reason = '" ~ reason ~ "' then 1 end)",
                'Valid rows ' ~ what ~ ': in all figures except those of time',
                "undated_reason = '" ~ reason ~ "'"
            )) -%}
        {%- endfor -%}
    {%- endif -%}
    {{ return(questions) }}
{%- endmacro %}


{# The same for the customers and products that rows name: the check, the dimension and what the
   answer means. Only a file that lists them can lack one. #}
{% macro entity_questions() -%}
    {%- set questions = [] -%}
    {%- for dimension in ['customer', 'product'] if mapped_block(dimension ~ 's') -%}
        {%- do questions.append((
            'rows_of_unknown_' ~ dimension ~ 's',
            dimension,
            'Valid rows whose ' ~ label_for_one(dimension) ~ ' is not in the '
            ~ dimension ~ 's file'
        )) -%}
    {%- endfor -%}
    {{ return(questions) }}
{%- endmacro %}
