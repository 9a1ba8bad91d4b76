with

calendar_dates as (select * from {{ ref('calendar_dates') }}),

month_files as (
    select
        month_start,
        bit_xor(distinct file_key) as month_key
    from {{ ref('interaction_facts') }}
    group by month_start
),

-- A month in which nothing happened still has its days, and rows without a date have a
-- month without days.
months as (
    select
        coalesce(calendar_dates.month_start, month_files.month_start) as month_start,
        min(calendar_dates.date_day) as first_day,
        count(calendar_dates.date_day) as day_count,
        max(month_files.month_key) as month_key
    from calendar_dates
    full join month_files on calendar_dates.month_start = month_files.month_start
    group by coalesce(calendar_dates.month_start, month_files.month_start)
)

-- 'all' starts on the first day of the data, or in the month without days if no row has
-- a date, so that every period has a start.
{% for grain in ['all', 'year', 'quarter', 'month'] -%}
select
    '{{ grain }}' as period_grain,
    {% if grain == 'all' -%}
    coalesce(min(first_day) over (), {{ undated_month() }}) as period_start,
    {%- else -%}
    cast(date_trunc('{{ grain }}', month_start) as date) as period_start,
    {%- endif %}
    month_start,
    first_day,
    day_count,
    month_key
from months
{{ 'where day_count > 0' if grain != 'all' }}
{{ 'union all' if not loop.last }}
{% endfor %}
