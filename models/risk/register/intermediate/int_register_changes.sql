{#- Longer than others: it first leaves out the changes that other findings explain, and
    then writes the sentences. -#}
with

change_findings as (
    select * from {{ ref('value_changes') }}
    where finding_rank is not null
),

periods as (select * from {{ ref('int_periods') }}),
revenue as (select * from {{ ref('int_finding_revenue') }}),

indices as (
    select * from {{ ref('concentration_indices') }}
    where dimension in ('customer', 'product')
),

-- Of two changes of similar size, customers and products are the cause of the
-- attributes that they share.
changes as (
    select
        *,
        abs(value_change) as value_size,
        abs(yearly_change) as yearly_size,
        row_number() over (
            order by
                case dimension when 'customer' then 1 when 'product' then 2 else 3 end,
                abs(yearly_change) desc,
                dimension,
                direction
        ) as place
    from change_findings
    where finding_rank = 1
),

causes as (
    select * from changes
),

-- The months of both periods, with the sign that a month has in a change.
change_months as (
    select
        changes.*,
        periods.month_start,
        periods.period_start = changes.period_start as is_later
    from changes
    inner join periods
        on
            changes.period_grain = periods.period_grain
            and periods.period_start in (changes.period_start, changes.compared_start)
),

-- Without the transactions of another change in the same direction, less than half of
-- these changes would remain.
explained as (
    select
        change_months.direction,
        change_months.dimension,
        change_months.yearly_size,
        causes.yearly_size as cause_size,
        causes.place < change_months.place as is_after,
        count(*) over (
            partition by
                change_months.direction,
                least(change_months.dimension, causes.dimension),
                greatest(change_months.dimension, causes.dimension)
        ) > 1 as is_mutual
    from change_months
    inner join causes
        on
            change_months.direction = causes.direction
            and change_months.dimension != causes.dimension
    inner join revenue as own_revenue
        on {{ same_keys(
            'change_months', 'own_revenue', 'dimension, entity_id, month_start'
        ) }}
    inner join revenue as cause_revenue
        on
            {{ same_keys('causes', 'cause_revenue', 'dimension, entity_id') }}
            and {{ same_keys(
                'own_revenue', 'cause_revenue', 'entity_bits, month_start'
            ) }}
    group by
        change_months.direction,
        change_months.dimension,
        causes.dimension,
        change_months.value_change,
        change_months.yearly_size,
        causes.yearly_size,
        causes.place < change_months.place
    having
        abs(
            change_months.value_change - cast(sum(
                case
                    when change_months.is_later then own_revenue.revenue
                    else -own_revenue.revenue
                end
            ) as double)
        ) < abs(change_months.value_change) / 2
),

-- If two changes explain each other, the larger is the cause; if they are of similar
-- size, the first in the order of dimensions is.
said_by_another as (
    select distinct
        dimension,
        direction
    from explained
    where
        case
            when not is_mutual then cause_size > yearly_size
            when cause_size < 0.75 * yearly_size then false
            when yearly_size < 0.75 * cause_size then true
            else is_after
        end
),

-- The amount that the other falls took from the whole; a row that belongs to several
-- counts once.
fallen_revenue as (
    select distinct
        revenue.entity_bits,
        revenue.month_start,
        revenue.revenue
    from revenue
    inner join changes on {{ same_keys('revenue', 'changes', 'dimension, entity_id') }}
    left join said_by_another
        on {{ same_keys('changes', 'said_by_another', 'dimension, direction') }}
    where changes.direction = 'fell' and said_by_another.dimension is null
),

-- A collapse of the whole that the reported falls explain is left out, too.
said_elsewhere as (
    select * from said_by_another
    union all
    select
        change_months.dimension,
        change_months.direction
    from change_months
    inner join fallen_revenue on change_months.month_start = fallen_revenue.month_start
    where change_months.dimension = 'total'
    group by
        change_months.dimension, change_months.direction, change_months.value_change
    having
        cast(sum(
            case
                when change_months.is_later then fallen_revenue.revenue
                else -fallen_revenue.revenue
            end
        ) as double) <= change_months.value_change / 2
),

-- The number of customers and products before and after the whole collapsed.
counts as (
    select {{ joined_texts(sentence(
        '{compared_indices.entity_count:count} {later_indices.dimension:several} '
        ~ 'before, {later_indices.entity_count:count} now'
    ), 'later_indices.dimension') }} as count_words
    from changes
    inner join indices as later_indices
        on
            {{ same_keys(
                'changes', 'later_indices', 'measure, period_grain, period_start'
            ) }}
            and later_indices.entity_count > 0
    inner join indices as compared_indices
        on
            {{ same_keys(
                'later_indices', 'compared_indices', 'dimension, measure, period_grain'
            ) }}
            and changes.compared_start = compared_indices.period_start
    where changes.dimension = 'total'
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
        changes.*,
        others.other_entities,
        case when changes.dimension = 'total' then counts.count_words end
            as count_words,
        {{ period_words('changes.period_grain', 'period_start') }} as period,
        {{ period_words('changes.period_grain', 'compared_start') }} as compared_period,
        -changes.value_change / changes.compared_value as lost_share
    from changes
    cross join counts
    left join others
        on {{ same_keys(
            'changes', 'others', 'dimension, direction, period_grain, comparison'
        ) }}
    left join said_elsewhere
        on {{ same_keys('changes', 'said_elsewhere', 'dimension, direction') }}
    where said_elsewhere.dimension is null
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
