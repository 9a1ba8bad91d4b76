{{ config(materialized=view_on_duckdb()) }}

with

whole_data as (
    select min(period_start) as first_day from {{ ref('int_periods') }}
    where period_grain = 'all'
),

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
    union all
    select
        dimension,
        'all' as period_grain,
        (select whole_data.first_day from whole_data) as period_start,
        entity_key,
        {{ columns_of_sums() }}
    from {{ ref('int_entity_totals') }}
)

select * from entity_values
