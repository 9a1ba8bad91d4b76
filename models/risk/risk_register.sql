with

limit_findings as (
    select * from {{ ref('int_limit_findings') }}
),

rise_findings as (
    select * from {{ ref('int_rise_findings') }}
),

overlapping as (
    select * from {{ ref('int_finding_overlaps') }}
),

-- Without the transactions of a customer or product that is named itself, would the
-- rest still be beyond the limit? If not, it is the same thing seen from another side.
limits_without as (
    select
        limit_findings.dimension,
        limit_findings.is_single_name,
        limit_findings.threshold,
        case
            when limit_findings.is_single_name
                then
                    (limit_findings.entity_value - overlapping.shared_value)
                    / nullif(limit_findings.total_value - overlapping.other_value, 0)
            when limit_findings.indicator = 'hhi'
                then {{ hhi_without('limit_findings', 'overlapping') }}
            when limit_findings.indicator = 'hhi_normalized'
                then {{ normalized_hhi(
                    hhi_without('limit_findings', 'overlapping'),
                    'limit_findings.entity_count'
                ) }}
        end as indicator_without
    from limit_findings
    inner join overlapping
        on
            limit_findings.dimension = overlapping.dimension
            and case when limit_findings.is_single_name then 'name' else 'whole' end
            = overlapping.kind
    where
        limit_findings.measure = 'revenue'
        and limit_findings.dimension != 'customer'
        and overlapping.other_kind = 'name'
        and overlapping.other_dimension in ('customer', 'product')
),

limit_echoes as (
    select distinct
        dimension,
        is_single_name
    from limits_without
    where indicator_without < threshold
),

ordered_rises as (
    select
        *,
        row_number() over (
            order by
                case dimension when 'customer' then 1 when 'product' then 2 else 3 end,
                gained_value desc,
                dimension
        ) as place
    from rise_findings
),

-- The same for rises: one that is less than half as large without the transactions of
-- another is its echo.
rise_echoes as (
    select distinct ordered_rises.dimension
    from ordered_rises
    inner join overlapping
        on
            ordered_rises.dimension = overlapping.dimension
            and overlapping.kind = 'rise'
            and overlapping.other_kind = 'rise'
    inner join ordered_rises as causes
        on
            overlapping.other_dimension = causes.dimension
            and ordered_rises.place > causes.place
    where
        (
            ordered_rises.value_share * ordered_rises.total_value
            - overlapping.shared_value
        )
        / nullif(ordered_rises.total_value - overlapping.other_value, 0)
        - (
            ordered_rises.compared_share * ordered_rises.compared_total_value
            - overlapping.compared_shared_value
        )
        / nullif(
            ordered_rises.compared_total_value - overlapping.compared_other_value, 0
        )
        < (ordered_rises.value_share - ordered_rises.compared_share) / 2
),

limit_rows as (
    select
        limit_findings.*,
        rise_findings.compared_share is not null as has_risen,
        concat(
            '; it grew from ', {{ percent_words('rise_findings.compared_share') }},
            ' in ', {{ period_words(
                'rise_findings.period_grain', 'rise_findings.compared_start'
            ) }},
            ' to ', {{ percent_words('rise_findings.value_share') }}, ' in ',
            {{ period_words(
                'rise_findings.period_grain', 'rise_findings.period_start'
            ) }}
        ) as rise_words,
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
),

-- What a limit finding has said already is not said again as a rise.
rise_rows as (
    select ordered_rises.*
    from ordered_rises
    left join rise_echoes on ordered_rises.dimension = rise_echoes.dimension
    left join limit_rows
        on
            ordered_rises.dimension = limit_rows.dimension
            and ordered_rises.entity_id = limit_rows.entity_id
            and limit_rows.has_risen
    where rise_echoes.dimension is null and limit_rows.dimension is null
),

findings as (
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
                when is_single_name or is_group_share then ','
                else concat(
                        '; ', {{ indicator_words('indicator') }}, ' ',
                        {{ indicator_value_words('indicator', 'indicator_value') }},
                        ' is'
                    )
            end,
            case direction when 'below' then ' below the ' else ' above the ' end,
            case status when 'breach' then 'limit of ' else 'warning level of ' end,
            {{ indicator_value_words('indicator', 'threshold') }},
            case
                when is_single_name and over_count > 1
                    then concat(
                            '; ', cast(over_count as string), ' are above ',
                            {{ percent_words('warn_at') }}
                        )
                when is_group_share
                    then concat(
                            '; ', entity_label, ' alone brings ',
                            {{ percent_words('value_share') }}
                        )
                else ''
            end,
            case when has_risen then rise_words else '' end,
            case
                when measure = 'revenue'
                    then concat('; losing it costs ', {{ money_words('entity_value') }})
                else ''
            end,
            case
                when unattributed_share > {{ var('register_unattributed_share') }}
                    then concat(
                            '; ', {{ percent_words('unattributed_share') }}, ' of ',
                            measure,
                            ' names no ', lower({{ dimension_label('dimension') }})
                        )
                else ''
            end
        ) as title,
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
        period_start
    from limit_rows
    union all
    select
        concat(
            {{ dimension_label('dimension') }}, ' ', entity_label, ' ',
            'grew from ', {{ percent_words('compared_share') }}, ' to ',
            {{ percent_words('value_share') }}, ' of ', measure, ' in ',
            {{ period_words('period_grain', 'period_start') }}, ' (against ',
            {{ period_words('period_grain', 'compared_start') }}, '), a gain of ',
            {{ money_words('gained_value') }}
        ) as title,
        'rose' as status,
        dimension,
        entity_id,
        entity_label,
        measure,
        'Find out what changed, whether it will last, and what if it ends'
            as what_to_do,
        'beyond noise' as confidence,
        'change_contributors' as evidence_model,
        concat(dimension, ', ', period_grain, ', ', comparison, ', ', entity_id)
            as evidence_key,
        gained_value as money_at_risk,
        period_start
    from rise_rows
)

select
    cast(row_number() over (
        order by money_at_risk desc nulls last, evidence_model, evidence_key
    ) as integer) as register_rank,
    title,
    status,
    dimension,
    entity_id,
    entity_label,
    measure,
    what_to_do,
    confidence,
    evidence_model,
    evidence_key,
    money_at_risk,
    period_start
from findings
