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
    {{ report_fact(
        section='headline',
        source='risk_register.money_at_risk',
        key="concat(evidence_model, ': ', evidence_key)",
        position='register_rank',
        label='headline',
        value='money_at_risk',
        unit="'money'",
        state='confidence',
        detail='what_to_do'
    ) }}
from risk_register
union all
select
    {{ report_fact(
        section='headline',
        source='risk_register.details',
        key="concat(evidence_model, ': ', evidence_key)",
        series="'details'",
        position='register_rank',
        label='details'
    ) }}
from risk_register
where details is not null
union all
-- Silence is good news only where something could be measured.
select
    {{ report_fact(
        section='headline',
        source='risk_register.register_rank',
        key="'all rows'",
        position=0,
        label="case when limits.measured_count = 0 "
            ~ "then 'No limit could be measured: see limit_status' "
            ~ "else 'No limit is broken, and no change is both large and beyond chance "
            ~ "in the latest complete periods' end",
        value=0,
        unit="'count'"
    ) }}
from findings
cross join limits
where findings.finding_count = 0
