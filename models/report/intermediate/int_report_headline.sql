with

risk_register as (
    select * from {{ ref('risk_register') }}
),

limit_status as (
    select * from {{ ref('limit_status') }}
    where is_latest_complete and status != 'not_measurable'
),

findings as (
    select count(*) as finding_count from risk_register
),

limits as (
    select count(*) as measured_count from limit_status
)

select
    'headline' as section,
    '' as series,
    register_rank as position,
    headline as label,
    money_at_risk as fact_value,
    'money' as unit,
    cast(null as double) as interval_low,
    cast(null as double) as interval_high,
    cast(null as double) as comparison_value,
    confidence as state,
    what_to_do as detail,
    'risk_register' as source_model,
    'money_at_risk' as source_column,
    concat(evidence_model, ': ', evidence_key) as source_key
from risk_register
union all
select
    'headline' as section,
    'details' as series,
    register_rank as position,
    details as label,
    cast(null as double) as fact_value,
    'text' as unit,
    cast(null as double) as interval_low,
    cast(null as double) as interval_high,
    cast(null as double) as comparison_value,
    cast(null as string) as state,
    cast(null as string) as detail,
    'risk_register' as source_model,
    'details' as source_column,
    concat(evidence_model, ': ', evidence_key) as source_key
from risk_register
where details is not null
union all
-- Silence is good news only where something could be measured.
select
    'headline' as section,
    '' as series,
    0 as position,
    case
        when limits.measured_count = 0
            then 'No limit could be measured: see limit_status'
        else concat(
                'No limit is broken, and no change is both large and beyond chance ',
                'in the latest complete periods'
            )
    end as label,
    0 as fact_value,
    'count' as unit,
    cast(null as double) as interval_low,
    cast(null as double) as interval_high,
    cast(null as double) as comparison_value,
    cast(null as string) as state,
    cast(null as string) as detail,
    'risk_register' as source_model,
    'register_rank' as source_column,
    'all rows' as source_key
from findings
cross join limits
where findings.finding_count = 0
