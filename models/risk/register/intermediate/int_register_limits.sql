{#- Longer than others: it first finds the limits that other findings explain, and then
    writes the sentences. -#}
{%- set rest = hhi_without(
    'limit_findings.hhi', 'limit_findings.entity_value', 'shared_revenue.shared_value',
    'limit_findings.total_value', 'shared_revenue.other_value'
) -%}
{%- set finding = 'dimension, is_single_name' -%}
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

limit_causes as (
    select * from limit_findings
    where is_main_measure and is_single_name and dimension in ('customer', 'product')
),

periods as (select * from {{ ref('int_periods') }}),
revenue as (select * from {{ ref('int_finding_revenue') }}),

cause_revenue as (
    select * from revenue
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

histories as (select * from {{ ref('int_entity_histories') }}),

hhi_dispersions as (
    select
        dimension,
        measure,
        max(dispersion) as dispersion
    from {{ ref('int_change_tests') }}
    where kind = 'hhi'
    group by dimension, measure
),

-- The revenue of a customer or product with its own finding in the period of a limit,
-- and the part of it that belongs to the entity of the limit.
shared_revenue as (
    select
        limit_findings.dimension,
        limit_findings.is_single_name,
        limit_causes.dimension as cause_dimension,
        limit_causes.status as cause_status,
        limit_causes.entity_label as cause_label,
        cast(sum(cause_revenue.revenue) as double) as other_value,
        cast(sum(
            case when revenue.entity_bits > 0 then cause_revenue.revenue else 0 end
        ) as double) as shared_value
    from limit_findings
    inner join limit_causes
        on
            limit_findings.measure = limit_causes.measure
            and limit_findings.dimension != limit_causes.dimension
            and limit_findings.dimension != 'customer'
    inner join periods
        on {{ same_keys('limit_findings', 'periods', 'period_grain, period_start') }}
    inner join cause_revenue
        on
            {{ same_keys('limit_causes', 'cause_revenue', 'dimension, entity_id') }}
            and periods.month_start = cause_revenue.month_start
    left join revenue
        on
            {{ same_keys('limit_findings', 'revenue', 'dimension, entity_id') }}
            and {{ same_keys('cause_revenue', 'revenue', 'entity_bits, month_start') }}
    group by
        limit_findings.dimension,
        limit_findings.is_single_name,
        limit_causes.dimension,
        limit_causes.status,
        limit_causes.entity_label
),

-- If the rest would hold without those transactions, the limit has the same cause. A
-- broken limit takes precedence over a cause that is only at its warning level.
explained as (
    select
        shared_revenue.*,
        limit_findings.status = 'breach' and shared_revenue.cause_status = 'warn'
            as outranks_cause
    from limit_findings
    inner join shared_revenue
        on
            limit_findings.is_main_measure
            and {{ same_keys('limit_findings', 'shared_revenue', finding) }}
    where
        case
            when limit_findings.is_single_name
                then {{ share_without(
                    'limit_findings.entity_value', 'shared_revenue.shared_value',
                    'limit_findings.total_value', 'shared_revenue.other_value'
                ) }}
            when limit_findings.indicator = 'hhi'
                then {{ rest }}
            when limit_findings.indicator = 'hhi_normalized'
                then {{ normalized_hhi(rest, 'limit_findings.entity_count') }}
        end < limit_findings.threshold
),

said_elsewhere as (
    select
        dimension,
        is_single_name
    from explained
    where not outranks_cause
    union distinct
    select
        cause_dimension as dimension,
        true as is_single_name
    from explained
    where outranks_cause
),

-- A customer or product at its warning level without which a broken limit would hold.
outranked as (
    select
        cause_dimension,
        cause_label,
        max(dimension) as dimension
    from explained
    where outranks_cause
    group by cause_dimension, cause_label
),

causes as (
    select
        dimension,
        {{ joined_texts(
            sentence('{cause_dimension:role} {cause_label}'), 'cause_dimension'
        ) }} as cause_names
    from outranked
    group by dimension
),

-- A limit on a name and a limit on the whole that this name leads have one cause: the
-- broken one reports both.
reported as (
    select
        limit_findings.*,
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
    left join said_elsewhere
        on
            limit_findings.is_main_measure
            and {{ same_keys('limit_findings', 'said_elsewhere', finding) }}
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
    where said_elsewhere.dimension is null
    window by_severity as (
        partition by
            limit_findings.dimension, limit_findings.measure, limit_findings.entity_id
        order by
            case limit_findings.status when 'breach' then 1 else 2 end,
            limit_findings.is_single_name desc
    )
)

select
    {{ limit_headline() }} as headline,
    nullif({{ limit_details() }}, '') as details,
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
