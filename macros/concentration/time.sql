{# The month in which something happened, and the span of the data. #}

{# The month in which a row counts. Rows without a date have a separate month that no calendar
   contains: it is part of the whole data, but of no year, quarter or month. #}
{% macro month_of(stamp) -%}
    {%- if keeps_undated() -%}
        coalesce(cast(date_trunc('month', {{ stamp }}) as date), {{ undated_month() }})
    {%- else -%}
        cast(date_trunc('month', {{ stamp }}) as date)
    {%- endif -%}
{%- endmacro %}


{% macro undated_month() -%}
    {{ return("date '1600-01-01'") }}
{%- endmacro %}


{# The first and the last day of the data, without days that are far from all others. #}
{% macro data_span(day_activity) -%}
    select
        min(date_day) as first_date,
        max(date_day) as last_date
    from {{ day_activity }}
    where is_in_span
{%- endmacro %}
