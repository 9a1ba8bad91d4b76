with

scenarios as (
    {{ rules('scenarios', ref('stress_scenarios'), {
        'scenario_id': 'string', 'dimension': 'string', 'measure': 'string',
        'kind': 'string', 'parameter': 'string', 'lost_share': 'double',
        'description': 'string', 'subject': 'string'
    }) }}
),

numbered as (
    select
        *,
        row_number() over (order by scenario_id) as scenario_number
    from scenarios
    where {{ is_about_subject('subject') }}
)

select
    scenario_id,
    dimension,
    measure,
    kind,
    parameter,
    lost_share,
    {{ in_own_words('description') }} as description,
    scenario_number,
    case
        when scenario_number <= {{ most_bits() }}
            then cast(power(2, scenario_number - 1) as bigint)
    end as scenario_bit
from numbered
