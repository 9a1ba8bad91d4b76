with

own as (
    {{ own_rows('scenarios', {
        'scenario_id': 'string', 'dimension': 'string', 'measure': 'string',
        'kind': 'string', 'parameter': 'string', 'lost_share': 'double',
        'description': 'string'
    }) }}
),

shipped as (
    select * from {{ ref('stress_scenarios') }}
    where {{ uses_shipped('scenarios') }}
)

select * from own
union all
select * from shipped
