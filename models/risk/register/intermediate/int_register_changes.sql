{#- Longer than others: every sentence on a rise or fall stands here. -#}
{%- set moved = '{compared_share:percent} to {value_share:percent} '
    ~ 'of {measure:measure} in {period} (against {compared_period})' -%}
{%- set from_to = '{compared_value:amount} in {compared_period} '
    ~ 'to {entity_value:amount} in {period}' -%}
{%- set headlines = {
    'total': 'All {measure:measure} fell from ' ~ from_to ~ ', a loss of {size}',
    'newest_rows_only': '{entity} belongs to the newest rows: most of it is from '
        ~ '{mostly_since:month} on, and it accounts for {value_share:percent} '
        ~ 'of {measure:measure} in {period}',
    'went_below_zero': '{entity} went below zero, from ' ~ from_to
        ~ ', a loss of {value_size:amount}',
    'left': '{entity} is gone: it accounted for {compared_share:percent} '
        ~ 'of {measure:measure} in {compared_period} and nothing since {period} began, '
        ~ 'a loss of {size}',
    'fell': '{entity} fell from ' ~ moved ~ ', a loss of {size}',
    'rose': '{entity} grew from ' ~ moved ~ ', a gain of {size}'
} -%}
with

change_findings as (
    select * from {{ ref('value_changes') }}
    where finding_rank is not null
),

explained_changes as (
    select * from {{ ref('int_explained_findings') }}
    where kind = 'change'
),

limit_findings as (
    select * from {{ ref('int_limit_findings') }}
    where measure = '{{ main_measure() }}'
),

explained_limits as (
    select * from {{ ref('int_explained_findings') }}
    where kind = 'limit'
),

indices as (
    select * from {{ ref('concentration_indices') }}
),

compared_indices as (
    select * from indices
),

periods as (
    select * from {{ ref('int_periods') }}
),

finding_revenue as (
    select * from {{ ref('int_finding_revenue') }}
),

-- The sentence on a limit says how its entity rose.
said_with_limits as (
    select distinct
        limit_findings.dimension,
        limit_findings.entity_id,
        'rose' as direction
    from limit_findings
    left join explained_limits
        on {{ same_keys(
            'limit_findings', 'explained_limits', 'dimension, is_single_name'
        ) }}
    where explained_limits.dimension is null
),

own_changes as (
    select change_findings.*
    from change_findings
    left join explained_changes
        on {{ same_keys(
            'change_findings', 'explained_changes', 'dimension, direction'
        ) }}
    left join said_with_limits
        on {{ same_keys(
            'change_findings', 'said_with_limits', 'dimension, entity_id, direction'
        ) }}
    where
        change_findings.finding_rank = 1
        and explained_changes.dimension is null
        and said_with_limits.dimension is null
),

-- What the falls that are reported took from the whole; a row that is part of several
-- counts once.
fallen_revenue as (
    select distinct
        finding_revenue.entity_bits,
        finding_revenue.month_start,
        finding_revenue.revenue
    from finding_revenue
    inner join own_changes
        on {{ same_keys('finding_revenue', 'own_changes', 'dimension, entity_id') }}
    where own_changes.direction = 'fell'
),

named_falls as (
    select
        cast(sum(
            case
                when periods.period_start = own_changes.period_start
                    then fallen_revenue.revenue
                else -fallen_revenue.revenue
            end
        ) as double) as value_change
    from own_changes
    inner join periods
        on
            own_changes.period_grain = periods.period_grain
            and periods.period_start
            in (own_changes.period_start, own_changes.compared_start)
    inner join fallen_revenue on periods.month_start = fallen_revenue.month_start
    where own_changes.dimension = 'total'
),

-- How many customers and products there were and are where the whole collapsed.
counts as (
    select {{ joined_texts(sentence(
        '{compared_indices.entity_count:count} {indices.dimension:several} before, '
        ~ '{indices.entity_count:count} now'
    ), 'indices.dimension') }} as count_words
    from own_changes
    inner join indices
        on
            {{ same_keys(
                'own_changes', 'indices', 'measure, period_grain, period_start'
            ) }}
            and indices.dimension in ('customer', 'product')
            and indices.entity_count > 0
    inner join compared_indices
        on
            {{ same_keys(
                'indices', 'compared_indices', 'dimension, measure, period_grain'
            ) }}
            and own_changes.compared_start = compared_indices.period_start
    where own_changes.dimension = 'total'
),

-- Other entities of the dimension that moved the same way in the same periods.
others as (
    select
        dimension,
        direction,
        period_grain,
        comparison,
        {{ joined_texts(
            'case when finding_rank > 1 then entity_label end', 'abs(value_change)'
        ) }} as other_entities
    from change_findings
    group by dimension, direction, period_grain, comparison
),

-- A collapse of the whole that the reported falls explain is left out.
reported as (
    select
        own_changes.*,
        others.other_entities,
        case when own_changes.dimension = 'total' then counts.count_words end
            as count_words,
        {{ period_words('own_changes.period_grain', 'own_changes.period_start') }}
            as period,
        {{ period_words('own_changes.period_grain', 'own_changes.compared_start') }}
            as compared_period,
        abs(own_changes.value_change) as value_size,
        abs(own_changes.yearly_change) as yearly_size,
        -own_changes.value_change / own_changes.compared_value as lost_share
    from own_changes
    cross join named_falls
    cross join counts
    left join others
        on {{ same_keys(
            'own_changes', 'others', 'dimension, direction, period_grain, comparison'
        ) }}
    where
        own_changes.dimension != 'total'
        or coalesce(named_falls.value_change, 0) > own_changes.value_change / 2
),

worded as (
    select
        *,
        {{ sentence('{dimension:label} {entity_label}') }} as entity,
        case
            when dimension = 'total' then 'total'
            when movement in ('newest_rows_only', 'went_below_zero', 'left')
                then movement
            else direction
        end as situation,
        case
            when direction = 'fell' and entity_value > 0
                then {{ sentence('{value_size:amount} ({lost_share:percent})') }}
            else {{ sentence('{value_size:amount}') }}
        end as size
    from reported
)

select
    case situation
        {%- for situation, text in headlines.items() %}
        when '{{ situation }}' then {{ sentence(text) }}
        {%- endfor %}
    end as headline,
    concat_ws(
        '; ',
        case movement
            when 'launched'
                then {{ sentence('it is new, first seen in {first_month:month}') }}
            when 'came_back'
                then {{ sentence('it contributed nothing in {compared_period}') }}
            when 'newest_rows_only'
                then 'a new value, or a state that orders pass through'
        end,
        {{ few_orders_words('effective_transactions') }},
        count_words,
        case
            when other_entities is not null and direction = 'fell'
                then {{ sentence('{other_entities} fell as well') }}
            when other_entities is not null
                then {{ sentence('{other_entities} grew as well') }}
        end,
        case
            when movement != 'newest_rows_only'
                then {{ sentence(
                    '{yearly_size:amount} a year at the rate of {period}'
                ) }}
        end
    ) as details,
    direction as status,
    dimension,
    entity_id,
    entity_label,
    measure,
    case
        when movement = 'newest_rows_only'
            then 'Compare again when these orders are settled'
        when direction = 'fell'
            then 'Find out why, whether it comes back, and what replaces it'
        else 'Find out what changed, whether it will last, and what if it ends'
    end as what_to_do,
    case
        when
            effective_transactions < {{ var('few_orders') }}
            or q_value > {{ var('false_discovery_rate') }}
            then 'few orders'
        when dispersion >= {{ var('burst_dispersion') }} then 'orders in bursts'
        else 'beyond noise'
    end as confidence,
    'value_changes' as evidence_model,
    concat_ws(
        ', ', dimension, period_grain, comparison, nullif(entity_id, '')
    ) as evidence_key,
    case when movement != 'newest_rows_only' then yearly_size end as money_at_risk,
    case
        when movement != 'newest_rows_only'
            then {{ sentence('per year, at the rate of {period}') }}
    end as money_basis,
    period_start
from worded
