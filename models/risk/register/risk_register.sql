with

limits as (
    select * from {{ ref('int_register_limits') }}
),

changes as (
    select * from {{ ref('int_register_changes') }}
),

shifts as (
    select * from {{ ref('int_register_shifts') }}
),

entries as (
    select * from limits
    union all
    select * from changes
    union all
    select * from shifts
)

select
    cast(row_number() over (
        order by money_at_risk desc nulls last, evidence_model, evidence_key
    ) as integer) as register_rank,
    concat_ws('; ', headline, details) as title,
    headline,
    details,
    status,
    dimension,
    entity_id,
    entity_label,
    measure,
    what_to_do,
    confidence,
    evidence_model,
    evidence_key,
    money_at_risk,
    money_basis,
    period_start
from entries
