{#- A rule about revenue, such as a duty to disclose, does not apply to visits. -#}
{%- set about_measure = "source not like '%revenue%'"
    if main_measure() != 'revenue' else 'true' -%}
with

limits as (
    {{ rules('limits', ref('concentration_limits'), {
        'limit_id': 'string', 'dimension': 'string', 'measure': 'string',
        'indicator': 'string', 'period_grain': 'string', 'direction': 'string',
        'warn_at': 'double', 'breach_at': 'double', 'severity': 'string',
        'in_force_from': 'date', 'in_force_to': 'date', 'source': 'string',
        'owner': 'string', 'action': 'string', 'subject': 'string'
    }, about_measure) }}
)

select
    limit_id,
    dimension,
    measure,
    indicator,
    period_grain,
    direction,
    warn_at,
    breach_at,
    severity,
    in_force_from,
    in_force_to,
    source,
    owner,
    {{ in_own_words('action') }} as action
from limits
where {{ is_about_subject('subject') }}
