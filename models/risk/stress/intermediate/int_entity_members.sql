{{ config(materialized='view') }}
{%- set sources = {
    'customers': ('customer_key', {'customer': 'customer_id'}),
    'products': ('product_key', {'product': 'product_id'}),
    'calendar_dates': ('date_day', {
        'year': 'year_name', 'month': 'month_name', 'date': 'date_name',
        'weekday': 'weekday_name'
    }),
    'calendar_hours': ('hour_of_day', {'hour': 'hour_name'})
} -%}
{%- set members = [] -%}
{%- for source, (key, columns) in sources.items() -%}
{%- for dimension in dimensions_from(source) -%}
{%- do columns.update({dimension.name: dimension.name}) -%}
{%- endfor -%}
{%- for dimension, column in columns.items() -%}
{%- do members.append((source, key, dimension, column)) -%}
{%- endfor -%}
{%- endfor -%}
with

members as (
    {%- for source, key, dimension, column in members %}
    select
        '{{ dimension }}' as dimension,
        {{ column }} as entity_id,
        cast({{ key if key == 'customer_key' else 'null' }} as bigint) as customer_key,
        cast({{ key if key == 'product_key' else 'null' }} as bigint) as product_key,
        cast({{ key if key == 'date_day' else 'null' }} as date) as date_day,
        cast({{ key if key == 'hour_of_day' else 'null' }} as integer) as hour_of_day
    from {{ ref(source) }}
    where {{ column }} is not null
    {{ 'union all' if not loop.last }}
    {%- endfor %}
)

select * from members
