{{ config(materialized=view_on_duckdb()) }}

with

entity_values as (
    {%- for months, rows, dimension in groups_of_months() %}
    select
        {{ dimension }} as dimension,
        'month' as period_grain,
        month_start as period_start,
        entity_key,
        {{ columns_of_sums() }}
    from {{ ref(months) }}
    where
        {{ rows }}
        {{ 'and month_start != ' ~ undated_month() if keeps_undated() }}
    union all
    {%- endfor %}
    select
        dimension,
        period_grain,
        period_start,
        entity_key,
        {{ columns_of_sums() }}
    from {{ ref('int_entity_periods') }}
)

select * from entity_values
