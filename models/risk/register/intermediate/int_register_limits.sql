{#- Longer than others: every sentence on a broken limit stands here. -#}
with

limit_findings as (
    select
        *,
        not is_single_name and {{ is_share('indicator') }} as is_group_share,
        measure = '{{ main_measure() }}' as is_main_measure,
        {{ period_words('period_grain', 'period_start') }} as period,
        {{ sentence('{indicator:indicator} {indicator_value:value}') }} as value_words,
        concat(
            case direction when 'below' then 'below the ' else 'above the ' end,
            case status when 'breach' then 'limit' else 'warning level' end,
            {{ sentence(' of {threshold:value}') }}
        ) as threshold_words
    from {{ ref('int_limit_findings') }}
),

limit_status as (
    select * from {{ ref('limit_status') }}
),

explained_limits as (
    select * from {{ ref('int_explained_findings') }}
    where kind = 'limit'
),

rises as (
    select
        *,
        {{ sentence(
            'it grew from {compared_share:percent} in {compared_start:period} '
            ~ 'to {value_share:percent} in {period_start:period}'
        ) }} as rise_words
    from {{ ref('value_changes') }}
    where finding_rank = 1 and direction = 'rose'
),

histories as (
    select * from {{ ref('int_entity_histories') }}
),

hhi_dispersions as (
    select
        dimension,
        measure,
        max(dispersion) as dispersion
    from {{ ref('int_change_tests') }}
    where kind = 'hhi'
    group by dimension, measure
),

-- A customer or product at its warning level without which a broken limit would hold.
causes as (
    select
        explained_limits.said_by_dimension as dimension,
        {{ joined_texts(
            sentence('{limit_findings.dimension:role} {limit_findings.entity_label}'),
            'limit_findings.dimension'
        ) }} as cause_names
    from explained_limits
    inner join limit_findings
        on {{ same_keys(
            'explained_limits', 'limit_findings', 'dimension, is_single_name'
        ) }}
    where explained_limits.is_cause and limit_findings.is_main_measure
    group by explained_limits.said_by_dimension
),

-- The limit on a name and the limit on the whole that this name leads are one cause:
-- the broken one says both.
reported as (
    select
        limit_findings.*,
        limit_status.over_count,
        causes.cause_names,
        rises.rise_words,
        histories.new_since,
        histories.last_before_gone,
        case
            when histories.last_before_gone is not null then 'it contributed'
            else 'losing it costs'
        end as loss,
        case
            when limit_findings.is_single_name then histories.dispersion
            else hhi_dispersions.dispersion
        end as dispersion,
        row_number() over by_severity as place,
        lead({{ sentence(
            '{limit_findings.value_words} in {limit_findings.period} '
            ~ 'is {limit_findings.threshold_words}'
        ) }}) over by_severity as other_limit
    from limit_findings
    inner join limit_status
        on {{ same_keys(
            'limit_findings', 'limit_status', 'limit_id, dimension, period_start'
        ) }}
    left join explained_limits
        on
            {{ same_keys(
                'limit_findings', 'explained_limits', 'dimension, is_single_name'
            ) }}
            and limit_findings.is_main_measure
    left join causes
        on
            limit_findings.dimension = causes.dimension
            and limit_findings.status = 'breach'
    left join rises
        on {{ same_keys('limit_findings', 'rises', 'dimension, entity_id, measure') }}
    left join histories
        on {{ same_keys('limit_findings', 'histories', 'dimension, entity_key') }}
    left join hhi_dispersions
        on {{ same_keys('limit_findings', 'hhi_dispersions', 'dimension, measure') }}
    where explained_limits.dimension is null
    window by_severity as (
        partition by
            limit_findings.dimension, limit_findings.measure, limit_findings.entity_id
        order by
            case limit_findings.status when 'breach' then 1 else 2 end,
            limit_findings.is_single_name desc
    )
)

select
    case
        when is_group_share
            then {{ sentence(
                '{dimension:label}: {indicator:indicator} of {measure:measure} '
                ~ 'is {indicator_value:value} in {period}, {threshold_words}'
            ) }}
        when is_single_name
            then {{ sentence(
                '{dimension:label} {entity_label} accounts for {value_share:percent} '
                ~ 'of {measure:measure} in {period}, {threshold_words}'
            ) }}
        else {{ sentence(
            '{dimension:label} {entity_label} accounts for {value_share:percent} '
            ~ 'of {measure:measure} in {period}'
        ) }}
    end as headline,
    nullif(concat_ws(
        '; ',
        case
            when not is_single_name and not is_group_share
                then {{ sentence('{value_words} is {threshold_words}') }}
        end,
        other_limit,
        case
            when is_single_name and over_count > 1
                then {{ sentence('{over_count:count} are above {warn_at:percent}') }}
            when is_group_share
                then {{ sentence(
                        '{entity_label} alone accounts for {value_share:percent}'
                    ) }}
        end,
        case
            when cause_names is not null
                then {{ sentence('without {cause_names} it would hold') }}
        end,
        case
            when new_since is not null
                then {{ sentence('it is new, first seen in {new_since:month}') }}
        end,
        case
            when last_before_gone is not null
                then {{ sentence(
                    'it has contributed nothing since {last_before_gone:month}'
                ) }}
        end,
        rise_words,
        {{ few_orders_words('effective_transactions') }},
        case
            when not is_main_measure then null
            when period_grain = 'year'
                then {{ sentence('{loss} {entity_value:revenue} a year') }}
            -- No row has a date.
            when yearly_value is null
                then {{ sentence('{loss} {entity_value:revenue}') }}
            else {{ sentence(
                '{loss} {entity_value:revenue}, or {yearly_value:revenue} a year '
                ~ 'at that rate'
            ) }}
        end,
        case
            when unattributed_share > {{ var('register_unattributed_share') }}
                then {{ sentence(
                    '{unattributed_share:percent} of {measure:measure} '
                    ~ 'names no {dimension:role}'
                ) }}
        end
    ), '') as details,
    status,
    dimension,
    entity_id,
    entity_label,
    measure,
    action as what_to_do,
    case
        when effective_transactions < {{ var('few_orders') }} then 'few orders'
        when dispersion >= {{ var('burst_dispersion') }} then 'orders in bursts'
        when is_beyond_noise then 'beyond noise'
        else 'within noise of the limit'
    end as confidence,
    'limit_status' as evidence_model,
    concat(limit_id, ', ', dimension) as evidence_key,
    case when is_main_measure then coalesce(yearly_value, entity_value) end
        as money_at_risk,
    case
        when is_main_measure and yearly_value is null
            then {{ sentence('in {period}') }}
        when is_main_measure
            then {{ sentence('per year, at the rate of {period}') }}
    end as money_basis,
    period_start
from reported
where place = 1
