with

stress_results as (
    select * from {{ ref('stress_results') }}
    where entities_hit > 0 and value_lost > 0
)

select
    'stress' as section,
    measure as series,
    cast(
        row_number() over (
            partition by measure
            order by value_lost desc, scenario_id
        ) as integer
    ) as position,
    description as label,
    value_lost as fact_value,
    case when measure = 'revenue' then 'money' else 'count' end as unit,
    cast(null as double) as interval_low,
    cast(null as double) as interval_high,
    share_lost as comparison_value,
    limit_outcome as state,
    concat_ws(
        '. ',
        concat('Removed: ', first_entities, {{ and_more('entities_hit') }}),
        case
            when hhi_after < 0.001 then 'HHI of the rest below 0.001'
            when hhi_after >= 0.001
                then concat('HHI of the rest ', {{ index_words('hhi_after') }})
        end,
        case
            when breaks_limit
                then concat('Breaks ', replace(broken_limits, '_', ' '))
        end,
        case
            when limit_outcome != 'nothing left' and already_broken_limits is not null
                then concat(
                        'Already broken: ',
                        replace(already_broken_limits, '_', ' ')
                    )
        end,
        case
            when limit_outcome in ('breaks', 'already broken') and limits_held > 0
                then concat(
                        cast(limits_held as string), ' of ',
                        cast(limits_tried as string), ' limits still hold'
                    )
        end
    ) as detail,
    'stress_results' as source_model,
    'value_lost' as source_column,
    scenario_id as source_key
from stress_results
