with

rise_findings as (
    select * from {{ ref('int_rise_findings') }}
),

rise_echoes as (
    select * from {{ ref('int_rise_echoes') }}
),

register_limits as (
    select * from {{ ref('int_register_limits') }}
    where has_risen
),

-- What a limit has said already is not said again as a rise.
rise_rows as (
    select rise_findings.*
    from rise_findings
    left join rise_echoes on rise_findings.dimension = rise_echoes.dimension
    left join register_limits
        on
            rise_findings.dimension = register_limits.dimension
            and rise_findings.entity_id = register_limits.entity_id
    where rise_echoes.dimension is null and register_limits.dimension is null
)

select
    concat(
        {{ dimension_label('dimension') }}, ' ', entity_label, ' ',
        'grew from ', {{ percent_words('compared_share') }}, ' to ',
        {{ percent_words('value_share') }}, ' of ', measure, ' in ',
        {{ period_words('period_grain', 'period_start') }}, ' (against ',
        {{ period_words('period_grain', 'compared_start') }}, '), a gain of ',
        {{ revenue_words('gained_value') }}
    ) as headline,
    cast(null as string) as details,
    'rose' as status,
    dimension,
    entity_id,
    entity_label,
    measure,
    'Find out what changed, whether it will last, and what if it ends'
        as what_to_do,
    'beyond noise' as confidence,
    'change_contributors' as evidence_model,
    concat(dimension, ', ', period_grain, ', ', comparison, ', ', entity_id)
        as evidence_key,
    gained_value as money_at_risk,
    true as has_risen,
    period_start
from rise_rows
