{#- Longer than others: the revenue that two findings share is used only to decide
    which of them explains the other. -#}
{%- set rest = hhi_without(
    'limit_findings.hhi', 'limit_findings.entity_value', 'shared_revenue.shared_value',
    'limit_findings.total_value', 'shared_revenue.other_value'
) -%}
with

limit_findings as (
    select * from {{ ref('int_limit_findings') }}
    where measure = '{{ main_measure() }}'
),

causes as (
    select * from limit_findings
    where is_single_name and dimension in ('customer', 'product')
),

revenue as (
    select * from {{ ref('int_finding_revenue') }}
),

cause_revenue as (
    select * from revenue
),

periods as (
    select * from {{ ref('int_periods') }}
),

-- What a customer or product that is named itself brings in the period of a limit, and
-- what of that belongs to the entity that the limit is about.
shared_revenue as (
    select
        limit_findings.dimension,
        limit_findings.is_single_name,
        causes.dimension as cause_dimension,
        causes.status as cause_status,
        cast(sum(cause_revenue.revenue) as double) as other_value,
        cast(sum(
            case when revenue.entity_bits > 0 then cause_revenue.revenue else 0 end
        ) as double) as shared_value
    from limit_findings
    inner join causes
        on
            limit_findings.dimension != causes.dimension
            and limit_findings.dimension != 'customer'
    inner join periods
        on {{ same_keys('limit_findings', 'periods', 'period_grain, period_start') }}
    inner join cause_revenue
        on
            {{ same_keys('causes', 'cause_revenue', 'dimension, entity_id') }}
            and periods.month_start = cause_revenue.month_start
    left join revenue
        on
            {{ same_keys('limit_findings', 'revenue', 'dimension, entity_id') }}
            and {{ same_keys('cause_revenue', 'revenue', 'entity_bits, month_start') }}
    group by
        limit_findings.dimension,
        limit_findings.is_single_name,
        causes.dimension,
        causes.status
),

-- Without those transactions, would the rest still be beyond the limit? If not, it is
-- the same thing seen from another side. A broken limit outranks a cause that is at its
-- warning level alone.
explained as (
    select
        limit_findings.dimension,
        limit_findings.is_single_name,
        shared_revenue.cause_dimension,
        limit_findings.status = 'breach' and shared_revenue.cause_status = 'warn'
            as outranks_cause
    from limit_findings
    inner join shared_revenue
        on {{ same_keys(
            'limit_findings', 'shared_revenue', 'dimension, is_single_name'
        ) }}
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
)

select
    dimension,
    is_single_name,
    max(cause_dimension) as said_by_dimension,
    false as is_cause
from explained
where not outranks_cause
group by dimension, is_single_name
union all
select
    cause_dimension as dimension,
    true as is_single_name,
    max(dimension) as said_by_dimension,
    true as is_cause
from explained
where outranks_cause
group by cause_dimension
