{{ config(materialized='view') }}

with

totals as (
    select
        measure,
        row_number() over (
            order by
                case measure when 'revenue' then 1 when 'purchases' then 2 else 3 end
        ) as place
    from {{ ref('concentration_indices') }}
    where period_grain = 'all' and dimension = 'year' and total_value > 0
)

select measure from totals
where place = 1
