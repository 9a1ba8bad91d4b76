{# What the risk layer computes from the indices. #}

{# The largest number of scenarios, or entities, in a set: each is one bit of a 64-bit integer. #}
{% macro most_bits() -%} {{ return(62) }} {%- endmacro %}


{# True for dimensions on which a business can choose to depend less: all except those of the
   calendar and the interaction types. A limit on * applies to these. #}
{% macro is_business_dimension(dimension) -%}
    {{ dimension }} not in (
        'interaction_type',
        {%- for calendar in dimensions_from('calendar') %}
        '{{ calendar.name }}'{{ ',' if not loop.last }}
        {%- endfor %}
    )
{%- endmacro %}


{# The indicators that a limit can apply to. entity_share is the share of each single entity: its
   value is that of the largest. #}
{% macro limit_indicators() -%}
    {{ return([
        'cr1', 'cr4', 'cr5', 'cr10', 'cr20', 'top_1pct_share', 'top_5pct_share',
        'top_10pct_share', 'top_20pct_share', 'hhi', 'hhi_normalized', 'effective_number',
        'gini', 'gini_unbiased', 'hall_tideman', 'theil_t', 'hoover', 'shannon_entropy'
    ]) }}
{%- endmacro %}


{# The indicator that a limit names, from a relation with the columns of concentration_indices. #}
{% macro indicator_value(indicator, indices) -%}
    case {{ indicator }}
        when 'entity_share' then {{ indices }}.cr1
        {%- for column in limit_indicators() %}
        when '{{ column }}' then {{ indices }}.{{ column }}
        {%- endfor %}
    end
{%- endmacro %}


{# An end of its 95% interval, low or high, if one is published. The effective number is the inverse
   of HHI, so its ends are swapped. #}
{% macro indicator_end(indicator, end, indices) -%}
    {%- set hhi = indices ~ '.hhi_' ~ end -%}
    case {{ indicator }}
        when 'entity_share' then {{ indices }}.cr1_{{ end }}
        when 'cr1' then {{ indices }}.cr1_{{ end }}
        when 'cr10' then {{ indices }}.cr10_{{ end }}
        when 'hhi' then {{ hhi }}
        when 'hhi_normalized'
            then
                case
                    when {{ hhi }} is not null
                        then greatest({{ normalized_hhi(hhi, indices ~ '.entity_count') }}, 0)
                end
        when 'effective_number'
            then 1 / nullif({{ indices }}.hhi_{{ 'high' if end == 'low' else 'low' }}, 0)
        when 'gini' then {{ indices }}.gini_{{ end }}
        when 'shannon_entropy' then {{ indices }}.shannon_{{ end }}
    end
{%- endmacro %}


{# The bit that represents a length of period in a set of them. #}
{% macro period_bit(period_grain) -%}
    case {{ period_grain }}
        when 'all' then 1 when 'year' then 2 when 'quarter' then 4 when 'month' then 8
    end
{%- endmacro %}


{# The customers, products, days or hours of the named tables, each with every entity that it
   belongs to, itself included, as a query. The keys of the other tables are NULL in a row. #}
{% macro entity_members(sources) -%}
    {%- set keys = {
        'customers': ('customer_key', 'bigint'),
        'products': ('product_key', 'bigint'),
        'calendar_dates': ('date_day', 'date'),
        'calendar_hours': ('hour_of_day', 'integer')
    } -%}
    {%- set columns = {
        'customers': {'customer': 'customer_id'},
        'products': {'product': 'product_id'},
        'calendar_dates': {
            'year': 'year_name', 'month': 'month_name', 'date': 'date_name',
            'weekday': 'weekday_name'
        },
        'calendar_hours': {'hour': 'hour_name'}
    } -%}
    {%- set queries = [] -%}
    {%- for source in sources -%}
        {%- for dimension in dimensions_from(source) -%}
            {%- do columns[source].update({dimension.name: dimension.name}) -%}
        {%- endfor -%}
        {%- for dimension, column in columns[source].items() -%}
            {%- set query %}
    select
        '{{ dimension }}' as dimension,
        {{ column }} as entity_id,
        {%- for other in sources %}
        {%- set key, type = keys[other] %}
        cast({{ key if other == source else 'null' }} as {{ type }}) as {{ key }}
        {{- ',' if not loop.last }}
        {%- endfor %}
    from {{ ref(source) }}
    where {{ column }} is not null
            {%- endset -%}
            {%- do queries.append(query) -%}
        {%- endfor -%}
    {%- endfor -%}
    {{ queries | join('\n    union all') }}
{%- endmacro %}
