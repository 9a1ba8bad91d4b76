{# The month in which something happened. #}

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
