{# The three measures, and the sum of squared amounts from which uncertainty follows. #}

{# From transactions. Each row counts one, so for the two counts the sum of squares is the
   count itself and needs no column. #}
{% macro measure_sums() -%}
    count(*) as interactions,
    count(case when interaction_type = 'purchase' then 1 end) as purchases,
    coalesce(sum(revenue), 0) as revenue,
    coalesce(sum({{ money_squared('revenue') }}), 0) as revenue_squared
{%- endmacro %}


{# From rows that are sums already. #}
{% macro measure_rollup() -%}
    cast(sum(interactions) as bigint) as interactions,
    cast(sum(purchases) as bigint) as purchases,
    sum(revenue) as revenue,
    sum(revenue_squared) as revenue_squared
{%- endmacro %}


{% macro measures() -%}
    {{ return(['interactions', 'purchases', 'revenue']) }}
{%- endmacro %}


{# Sums of money, exact: as wide as both engines go. #}
{% macro money_sum_type() -%}
    {{ return('decimal(38, ' ~ amount_decimals() ~ ')') }}
{%- endmacro %}


{# Exact where the decimals of the product fit beside the digits of large amounts. Nineteen
   digits, for DuckDB keeps the product of two decimals of 18 in 18 and stops at 1e10. #}
{% macro money_squared(amount) -%}
    {%- set decimals = amount_decimals() -%}
    {%- if decimals <= 4 -%}
        cast({{ amount }} as decimal(19, {{ decimals }})) * {{ amount }}
    {%- else -%}
        cast({{ squared('cast(' ~ amount ~ ' as double)') }} as decimal(38, 14))
    {%- endif -%}
{%- endmacro %}


{# The column of the measure that a row names, out of a relation that has all three. #}
{% macro measure_value(measure, relation) -%}
    case {{ measure }}
        {%- for column in measures() %}
        when '{{ column }}' then cast({{ relation }}.{{ column }} as {{ money_sum_type() }})
        {%- endfor %}
    end
{%- endmacro %}


{# A part of a whole as a double; NULL where there is no whole. #}
{% macro share_of(part, whole) -%}
    cast({{ part }} as double) / nullif(cast({{ whole }} as double), 0)
{%- endmacro %}


{# A square as a product: a function of any power may miss the last digit, and each engine has
   its own. #}
{% macro squared(expression) -%}
    (({{ expression }}) * ({{ expression }}))
{%- endmacro %}


{# The columns of a wide mart: per measure the value, its share, rank, cumulative share and
   ABC class. #}
{% macro wide_measures() -%}
    {%- for measure in measures() -%}
        {%- for column in ['', '_share', '_rank', '_cumulative_share', '_abc_class'] %}
    {{ measure ~ column }}
            {{- ',' if not loop.last }}
        {%- endfor %}
        {{- ',' if not loop.last }}
    {%- endfor -%}
{%- endmacro %}


{# What a spectrum says of each group of equal values of a measure. A count's squared
   amounts are its ones: the count itself. #}
{% macro spectrum_columns(measure) -%}
    '{{ measure }}' as measure,
    entity_id is not null as is_attributed,
    cast({{ measure }} as {{ money_sum_type() }}) as entity_value,
    count(*) as entity_count,
    {%- if measure == 'revenue' %}
    cast(sum(revenue_squared) as double) as group_squared
    {%- else %}
    cast({{ measure }} * count(*) as double) as group_squared
    {%- endif %}
{%- endmacro %}
