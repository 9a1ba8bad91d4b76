with

limit_findings as (
    select * from {{ ref('int_limit_findings') }}
),

limit_echoes as (
    select * from {{ ref('int_limit_echoes') }}
),

rise_findings as (
    select * from {{ ref('int_rise_findings') }}
),

limit_rows as (
    select
        limit_findings.*,
        rise_findings.compared_share is not null as has_risen,
        concat(
            'it grew from ', {{ percent_words('rise_findings.compared_share') }},
            ' in ', {{ period_words(
                'rise_findings.period_grain', 'rise_findings.compared_start'
            ) }},
            ' to ', {{ percent_words('rise_findings.value_share') }}, ' in ',
            {{ period_words(
                'rise_findings.period_grain', 'rise_findings.period_start'
            ) }}
        ) as rise_words,
        concat(
            case limit_findings.direction
                when 'below' then 'below the ' else 'above the '
            end,
            case limit_findings.status
                when 'breach' then 'limit of ' else 'warning level of '
            end,
            {{ indicator_value_words(
                'limit_findings.indicator', 'limit_findings.threshold'
            ) }}
        ) as threshold_words,
        -- What several bring together is said of all; else the largest comes first.
        not limit_findings.is_single_name
        and {{ is_share('limit_findings.indicator') }} as is_group_share
    from limit_findings
    left join limit_echoes
        on
            limit_findings.dimension = limit_echoes.dimension
            and limit_findings.is_single_name = limit_echoes.is_single_name
            and limit_findings.measure = 'revenue'
    left join rise_findings
        on
            limit_findings.dimension = rise_findings.dimension
            and limit_findings.entity_id = rise_findings.entity_id
            and limit_findings.measure = rise_findings.measure
            and limit_findings.is_single_name
    where limit_echoes.dimension is null
)

select
    concat(
        {{ dimension_label('dimension') }},
        case
            when is_group_share
                then concat(
                        ': ', {{ indicator_words('indicator') }}, ' of ', measure,
                        ' is ',
                        {{ indicator_value_words('indicator', 'indicator_value') }}
                    )
            else concat(
                    ' ', entity_label, ' brings ',
                    {{ percent_words('value_share') }}, ' of ', measure
                )
        end,
        ' in ', {{ period_words('period_grain', 'period_start') }},
        case
            when is_single_name or is_group_share then concat(', ', threshold_words)
            else ''
        end
    ) as headline,
    nullif(concat_ws(
        '; ',
        case
            when not is_single_name and not is_group_share
                then concat(
                        {{ indicator_words('indicator') }}, ' ',
                        {{ indicator_value_words('indicator', 'indicator_value') }},
                        ' is ', threshold_words
                    )
        end,
        case
            when is_single_name and over_count > 1
                then concat(
                        cast(over_count as string), ' are above ',
                        {{ percent_words('warn_at') }}
                    )
            when is_group_share
                then concat(
                        entity_label, ' alone brings ',
                        {{ percent_words('value_share') }}
                    )
        end,
        case when has_risen then rise_words end,
        case
            when measure = 'revenue'
                then concat('losing it costs ', {{ money_words('entity_value') }})
        end,
        case
            when unattributed_share > {{ var('register_unattributed_share') }}
                then concat(
                        {{ percent_words('unattributed_share') }}, ' of ', measure,
                        ' names no ', lower({{ dimension_label('dimension') }})
                    )
        end
    ), '') as details,
    status,
    dimension,
    entity_id,
    entity_label,
    measure,
    action as what_to_do,
    case
        when is_beyond_noise then 'beyond noise'
        else 'recorded, though its interval reaches the limit'
    end as confidence,
    'limit_status' as evidence_model,
    concat(limit_id, ', ', dimension) as evidence_key,
    case when measure = 'revenue' then entity_value end as money_at_risk,
    has_risen,
    period_start
from limit_rows
