with

stress_results as (
    select
        *,
        row_number() over (
            partition by measure
            order by value_lost desc, scenario_id
        ) as position,
        case when measure = 'revenue' then 'money' else 'count' end as unit,
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
                when
                    limit_outcome != 'nothing left'
                    and already_broken_limits is not null
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
        ) as detail
    from {{ ref('stress_results') }}
    where entities_hit > 0 and value_lost > 0
)

select
    {{ report_fact(
        section='stress',
        source='stress_results.value_lost',
        key='scenario_id',
        series='measure',
        position='position',
        label='description',
        value='value_lost',
        unit='unit',
        compared='share_lost',
        state='limit_outcome',
        detail='detail'
    ) }}
from stress_results
