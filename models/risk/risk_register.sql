with

limit_status as (
    select * from {{ ref('limit_status') }}
    where is_latest_complete
),

limit_values as (
    select * from {{ ref('int_limit_values') }}
),

changes as (
    select * from {{ ref('concentration_changes') }}
),

contributors as (
    select * from {{ ref('change_contributors') }}
),

leaders as (
    select * from {{ ref('int_period_leaders') }}
),

-- A broken limit on one name is a fact of the books; one on a whole distribution must be
-- beyond noise to be worth somebody's time.
broken as (
    select
        limit_status.*,
        limit_values.largest_value,
        limit_values.total_value,
        leaders.entity_label as largest_label,
        leaders.value_share as largest_share,
        limit_status.indicator in ('entity_share', 'cr1') as is_single_name
    from limit_status
    inner join limit_values
        on
            limit_status.limit_id = limit_values.limit_id
            and limit_status.dimension = limit_values.dimension
            and limit_status.period_start = limit_values.period_start
    left join leaders
        on
            limit_status.dimension = leaders.dimension
            and limit_status.measure = leaders.measure
            and limit_status.period_grain = leaders.period_grain
            and limit_status.period_start = leaders.period_start
    where
        limit_status.status = 'breach'
        and (limit_status.indicator = 'entity_share' or limit_status.is_beyond_noise)
        or limit_status.status = 'warn' and limit_status.is_beyond_noise
),

-- Several limits on the same name say one thing: the worst of them speaks.
spoken as (
    select
        *,
        row_number() over (
            partition by dimension, measure, is_single_name
            order by
                case status when 'breach' then 1 else 2 end,
                largest_value desc,
                limit_id
        ) as voice
    from broken
),

limit_rows as (
    select
        'limit_status' as evidence_model,
        limit_id as evidence_key,
        dimension,
        measure,
        status,
        case
            when is_single_name
                then concat(
                    {{ dimension_label('dimension') }}, ' ', largest_label, ' brings ',
                    {{ percent_words('largest_share') }}, ' of ', measure, ' in ',
                    {{ period_words('period_grain', 'period_start') }}, ', ',
                    case when status = 'breach' then 'above the limit of '
                        else 'above the warning level of ' end,
                    {{ percent_words(
                        "case when status = 'breach' then breach_at else warn_at end"
                    ) }},
                    case
                        when over_count > 1
                            then concat(
                                '; ', cast(over_count as string), ' are above ',
                                {{ percent_words('warn_at') }}
                            )
                        else ''
                    end,
                    '; losing it costs ', {{ money_words('largest_value') }}
                )
            else concat(
                {{ dimension_label('dimension') }}, ' concentration of ', measure, ' in ',
                {{ period_words('period_grain', 'period_start') }}, ' is ',
                case when status = 'breach' then 'beyond its limit: '
                    else 'beyond its warning level: ' end,
                {{ indicator_words('indicator') }}, ' ', {{ index_words('indicator_value') }}, ' against ',
                {{ index_words("case when status = 'breach' then breach_at else warn_at end") }},
                '; ', largest_label, ' alone brings ', {{ percent_words('largest_share') }},
                ' (', {{ money_words('largest_value') }}, ')'
            )
        end as title,
        action as what_to_do,
        case
            when is_beyond_noise then 'beyond noise'
            else 'exact: recorded in the period, though its interval reaches the limit'
        end as confidence,
        largest_value as money_at_risk,
        period_start
    from spoken
    where voice = 1
),

risen as (
    select
        changes.*,
        contributors.entity_label,
        contributors.movement,
        contributors.value_share,
        contributors.compared_share,
        leaders.total_value
    from changes
    inner join contributors
        on
            changes.dimension = contributors.dimension
            and changes.measure = contributors.measure
            and changes.period_grain = contributors.period_grain
            and changes.comparison = contributors.comparison
            and changes.period_start = contributors.period_start
            and contributors.contribution_rank = 1
    inner join leaders
        on
            changes.dimension = leaders.dimension
            and changes.measure = leaders.measure
            and changes.period_grain = leaders.period_grain
            and changes.period_start = leaders.period_start
    where
        changes.direction = 'rose'
        and changes.measure = 'revenue'
        and changes.change_z > {{ var('register_score') }}
        and contributors.value_share > contributors.compared_share
        and leaders.is_latest_complete
        and changes.dimension not in ('year', 'quarter', 'month', 'date', 'weekday', 'hour')
),

-- The same rise seen against the last month and the last year is one thing.
rise_voices as (
    select
        *,
        row_number() over (
            partition by dimension
            order by (value_share - compared_share) * total_value desc, period_grain, comparison
        ) as voice
    from risen
),

rise_rows as (
    select
        'concentration_changes' as evidence_model,
        concat(dimension, ', ', period_grain, ', ', comparison) as evidence_key,
        dimension,
        measure,
        'rose' as status,
        concat(
            {{ dimension_label('dimension') }}, ' concentration of ', measure, ' rose in ',
            {{ period_words('period_grain', 'period_start') }}, ': HHI ',
            {{ index_words('hhi') }}, ' from ', {{ index_words('compared_hhi') }}, ' in ',
            {{ period_words('period_grain', 'compared_start') }}, '; ', entity_label, ' ',
            movement, ' from ', {{ percent_words('compared_share') }}, ' to ',
            {{ percent_words('value_share') }}
        ) as title,
        'Find out what changed with the entity named, and whether it will last' as what_to_do,
        'beyond noise' as confidence,
        (value_share - compared_share) * total_value as money_at_risk,
        period_start
    from rise_voices
    where voice = 1
),

findings as (
    select * from limit_rows
    union all
    select * from rise_rows
)

select
    cast(row_number() over (
        order by money_at_risk desc, evidence_model, evidence_key
    ) as integer) as register_rank,
    title,
    status,
    dimension,
    measure,
    what_to_do,
    confidence,
    evidence_model,
    evidence_key,
    money_at_risk,
    period_start
from findings
