{{ config(materialized='kept', incremental_strategy='by_file') }}

with

-- The table is read by its name, because only the rows of a table have a position; with
-- `dbt build --empty`, a plain ref would be a query.
interaction_rows as (
    select
        *,
        {{ row_place() }} as row_place
    from {{ ref('int_row_outcomes').render() }}
),

files as (select * from {{ ref('stg_files') }}),

unit_revenues as (
    {{ unit_revenues(ref('stg_customers'), ref('stg_products')) }}
),

first_places as (
    select
        file_key,
        min(row_place) as first_place
    from interaction_rows
    group by file_key
),

unusable as (
    select
        interaction_rows.file_key,
        interaction_rows.raw_text,
        interaction_rows.is_blank,
        interaction_rows.reject_reason,
        coalesce(
            interaction_rows.source_row,
            interaction_rows.row_place - first_places.first_place + 1
        ) as source_row,
        {{ revenue_of('interaction_rows', is_typed=false) }} as revenue
    from interaction_rows
    inner join first_places on interaction_rows.file_key = first_places.file_key
    left join unit_revenues on interaction_rows.revenue_key = unit_revenues.revenue_key
    where interaction_rows.is_blank or interaction_rows.reject_reason is not null
    {% for block in ['orders', 'customers', 'products'] -%}
    union all
    select
        file_key,
        raw_text,
        is_blank,
        reject_reason,
        source_row,
        cast(null as {{ money_type() }}) as revenue
    from {{ ref('stg_' ~ block) }}
    where is_blank or reject_reason is not null
    {% endfor -%}
    union all
    select
        file_key,
        raw_text,
        false as is_blank,
        'malformed_line' as reject_reason,
        source_row,
        cast(null as {{ money_type() }}) as revenue
    from {{ ref('stg_malformed_lines') }}
)

select
    files.source_block,
    files.source_file,
    case when not unusable.is_blank then unusable.raw_text end as raw_text,
    case when unusable.is_blank then 'blank' else unusable.reject_reason end
        as reject_reason,
    case when not unusable.is_blank then unusable.revenue end as revenue,
    unusable.file_key,
    unusable.source_row
from unusable
inner join files on unusable.file_key = files.file_key
