with

own as (
    {{ own_rows('scenarios', {
        'scenario_id': 'string', 'dimension': 'string', 'measure': 'string',
        'kind': 'string', 'parameter': 'string', 'lost_share': 'double',
        'description': 'string', 'subject': 'string'
    }) }}
),

-- Those that are shipped speak of revenue; without any, of what else there is.
shipped as (
    select
        scenario_id,
        dimension,
        case measure when 'revenue' then '{{ main_measure() }}' else measure end
            as measure,
        kind,
        parameter,
        lost_share,
        description,
        subject
    from {{ ref('stress_scenarios') }}
    where {{ uses_shipped('scenarios') }}
),

scenarios as (
    select * from own
    union all
    select * from shipped
)

-- A rule that was written for another subject, such as sales, has no say here.
select
    scenario_id,
    dimension,
    measure,
    kind,
    parameter,
    lost_share,
    {{ in_own_words('description') }} as description
from scenarios
where coalesce(subject, '') in ('', '{{ var('mapping').get('subject') or 'sales' }}')
