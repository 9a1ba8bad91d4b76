{#- Longer than others: it begins with the register, and all other sections follow. -#}
{%- set finding = "concat(evidence_model, ': ', evidence_key)" -%}
{#- An empty register is good news only if something could be measured. -#}
{%- set silence -%}
    case
        when measured_count = 0 then 'No limit could be measured: see limit_status'
        else
            'No limit is broken, and no change is both large and beyond chance '
            || 'in the latest complete periods'
    end
{%- endset -%}
with

risk_register as (select * from {{ ref('risk_register') }}),

limit_status as (
    select * from {{ ref('limit_status') }}
    where is_latest_complete and status != 'not_measurable'
),

limits as (
    select
        count(*) as measured_count,
        count(case when status = 'breach' then 1 end) as broken_count
    from limit_status
),

findings as (
    select count(*) as finding_count from risk_register
),

summary as (
    select
        limits.*,
        findings.finding_count
    from limits
    cross join findings
),

report_facts as (
    select
        {{ report_fact(
            section='headline',
            source='risk_register.money_at_risk',
            key=finding,
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
            key=finding,
            series="'details'",
            position='register_rank',
            label='details'
        ) }}
    from risk_register
    where details is not null
    {%- for section, source, key, position, label, value, detail, condition in [
        ('headline', 'risk_register.register_rank', 'all rows', 0,
            silence, 'finding_count', 'null', 'finding_count = 0'),
        ('overview', 'limit_status.status', 'latest complete periods', 8,
            "'Limits broken'", 'broken_count',
            sentence('of {measured_count:count} that can be measured'), 'true'),
        ('overview', 'risk_register.register_rank', 'all rows', 9,
            "'Things worth attention'", 'finding_count', 'null', 'true'),
    ] %}
    union all
    select
        {{ report_fact(
            section=section,
            source=source,
            key="'" ~ key ~ "'",
            position=position,
            label=label,
            value=value,
            unit="'count'",
            detail=detail
        ) }}
    from summary
    where {{ condition }}
    {%- endfor %}
    {%- for section in var('report_sections') %}
    union all
    select * from {{ ref(section) }}
    {%- endfor %}
)

select * from report_facts
