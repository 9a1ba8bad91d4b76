with

own as (
    {{ own_rows('limits', {
        'limit_id': 'string', 'dimension': 'string', 'measure': 'string',
        'indicator': 'string', 'period_grain': 'string', 'direction': 'string',
        'warn_at': 'double', 'breach_at': 'double', 'severity': 'string',
        'in_force_from': 'date', 'in_force_to': 'date', 'source': 'string',
        'owner': 'string', 'action': 'string', 'subject': 'string'
    }) }}
),

-- The shipped rows refer to revenue, or to the main measure of an export without
-- revenue.
shipped as (
    select
        limit_id,
        dimension,
        case measure when 'revenue' then '{{ main_measure() }}' else measure end
            as measure,
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
        action,
        {{ cell_of_seed('subject') }} as subject
    from {{ ref('concentration_limits') }}
    where
        {{ uses_shipped('limits') }}
        -- A rule about revenue, such as a duty to disclose, does not apply to visits.
        and ('{{ main_measure() }}' = 'revenue' or source not like '%revenue%')
),

limits as (
    select * from own
    union all
    select * from shipped
)

-- A rule that was written for another subject, such as sales, does not apply.
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
where coalesce(subject, '') in ('', '{{ mapping_in_use().get('subject') or 'sales' }}')
