with

limits as (
    select * from {{ ref('int_register_limits') }}
),

rises as (
    select * from {{ ref('int_register_rises') }}
),

entries as (
    select * from limits
    union all
    select * from rises
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
    period_start
from entries
