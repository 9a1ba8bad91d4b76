with

own as (
    {{ own_rows('limits', {
        'limit_id': 'string', 'dimension': 'string', 'measure': 'string',
        'indicator': 'string', 'period_grain': 'string', 'direction': 'string',
        'warn_at': 'double', 'breach_at': 'double', 'severity': 'string',
        'in_force_from': 'date', 'in_force_to': 'date', 'source': 'string',
        'owner': 'string', 'action': 'string'
    }) }}
),

shipped as (
    select * from {{ ref('concentration_limits') }}
    where {{ uses_shipped('limits') }}
)

select * from own
union all
select * from shipped
