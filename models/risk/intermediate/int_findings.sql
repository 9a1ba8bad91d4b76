with

limit_findings as (
    select * from {{ ref('int_limit_findings') }}
    where measure = '{{ main_measure() }}'
),

change_findings as (
    select * from {{ ref('int_change_findings') }}
    where measure = '{{ main_measure() }}'
)

select
    case when is_single_name then 'name' else 'whole' end as kind,
    dimension,
    entity_id,
    period_grain,
    period_start,
    cast(null as date) as compared_start
from limit_findings
union all
select
    case dimension when 'total' then 'total' else direction end as kind,
    dimension,
    entity_id,
    period_grain,
    period_start,
    compared_start
from change_findings
