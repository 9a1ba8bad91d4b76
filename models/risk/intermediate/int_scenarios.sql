with

own as (
    {{ own_rows('scenarios', {
        'scenario_id': 'string', 'dimension': 'string', 'measure': 'string',
        'kind': 'string', 'parameter': 'string', 'lost_share': 'double',
        'description': 'string'
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
        description
    from {{ ref('stress_scenarios') }}
    where {{ uses_shipped('scenarios') }}
)

select * from own
union all
select * from shipped
