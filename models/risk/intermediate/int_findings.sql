with

limit_findings as (
    select * from {{ ref('int_limit_findings') }}
    where measure = 'revenue'
),

rise_findings as (
    select * from {{ ref('int_rise_findings') }}
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
    'rise' as kind,
    dimension,
    entity_id,
    period_grain,
    period_start,
    compared_start
from rise_findings
