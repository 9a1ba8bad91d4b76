{#- Longer than others: the sentence about a change also names what moved with it. -#}
with

change_findings as (
    select * from {{ ref('value_changes') }}
    where finding_rank is not null
),

indices as (
    select * from {{ ref('concentration_indices') }}
    where dimension in ('customer', 'product')
),

compared_indices as (
    select * from indices
),

-- The number of customers and products before and after the whole collapsed.
counts as (
    select {{ joined_texts(sentence(
        '{compared_indices.entity_count:count} {indices.dimension:several} before, '
        ~ '{indices.entity_count:count} now'
    ), 'indices.dimension') }} as count_words
    from change_findings
    inner join indices
        on
            {{ same_keys(
                'change_findings', 'indices', 'measure, period_grain, period_start'
            ) }}
            and indices.entity_count > 0
    inner join compared_indices
        on
            {{ same_keys(
                'indices', 'compared_indices', 'dimension, measure, period_grain'
            ) }}
            and change_findings.compared_start = compared_indices.period_start
    where change_findings.dimension = 'total' and change_findings.finding_rank = 1
),

-- Other entities of the dimension that moved in the same direction in the same periods.
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

reported as (
    select
        change_findings.*,
        others.other_entities,
        case when change_findings.dimension = 'total' then counts.count_words end
            as count_words,
        {{ period_words('change_findings.period_grain', 'period_start') }} as period,
        {{ period_words('change_findings.period_grain', 'compared_start') }}
            as compared_period,
        abs(change_findings.value_change) as value_size,
        abs(change_findings.yearly_change) as yearly_size,
        -change_findings.value_change / change_findings.compared_value as lost_share
    from change_findings
    cross join counts
    left join others
        on {{ same_keys(
            'change_findings', 'others',
            'dimension, direction, period_grain, comparison'
        ) }}
    where change_findings.finding_rank = 1
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
    {{ change_headline() }} as headline,
    {{ change_details() }} as details,
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
