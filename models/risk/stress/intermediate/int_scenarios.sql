with

own as (
    {{ own_rows('scenarios', {
        'scenario_id': 'string', 'dimension': 'string', 'measure': 'string',
        'kind': 'string', 'parameter': 'string', 'lost_share': 'double',
        'description': 'string', 'subject': 'string'
    }) }}
),

-- The shipped rows refer to revenue, or to the main measure of an export without
-- revenue.
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
        {{ cell_of_seed('subject') }} as subject
    from {{ ref('stress_scenarios') }}
    where {{ uses_shipped('scenarios') }}
),

scenarios as (
    select * from own
    union all
    select * from shipped
),

-- A rule that was written for another subject, such as sales, does not apply.
numbered as (
    select
        *,
        row_number() over (order by scenario_id) as scenario_number
    from scenarios
    where
        coalesce(subject, '')
        in ('', '{{ mapping_in_use().get('subject') or 'sales' }}')
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
