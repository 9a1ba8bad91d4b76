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
raw_rows as (select * from {{ ref('stg_raw_rows') }}),

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

rejected as (
    select
        interaction_rows.file_key,
        interaction_rows.reject_reason,
        interaction_rows.raw_text,
        {{ revenue_of('interaction_rows', is_typed=false) }} as revenue,
        coalesce(
            interaction_rows.source_row,
            interaction_rows.row_place - first_places.first_place + 1
        ) as source_row,
        cast(null as string) as detail
    from interaction_rows
    inner join first_places on interaction_rows.file_key = first_places.file_key
    left join unit_revenues on interaction_rows.revenue_key = unit_revenues.revenue_key
    where interaction_rows.reject_reason is not null
    {% for relation, reason, detail, condition in [
        (ref('stg_orders'), 'reject_reason', 'null', 'reject_reason is not null'),
        (ref('stg_customers'), 'reject_reason', 'null', 'reject_reason is not null'),
        (ref('stg_products'), 'reject_reason', 'null', 'reject_reason is not null'),
        ('raw_rows', "'malformed_line'", 'detail', 'is_malformed'),
    ] -%}
    union all
    select
        file_key,
        {{ reason }} as reject_reason,
        raw_text,
        cast(null as {{ money_type() }}) as revenue,
        source_row,
        cast({{ detail }} as string) as detail
    from {{ relation }}
    where {{ condition }}
    {% endfor -%}
)

select
    files.source_block,
    files.source_file,
    rejected.reject_reason,
    rejected.raw_text,
    rejected.revenue,
    rejected.source_row,
    rejected.detail,
    rejected.file_key
from rejected
inner join files on rejected.file_key = files.file_key
