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

limit_causes as (
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
        limit_causes.dimension as cause_dimension,
        limit_causes.status as cause_status,
        cast(sum(cause_revenue.revenue) as double) as other_value,
        cast(sum(
            case when revenue.entity_bits > 0 then cause_revenue.revenue else 0 end
        ) as double) as shared_value
    from limit_findings
    inner join limit_causes
        on
            limit_findings.dimension != limit_causes.dimension
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
        limit_causes.status
),

-- Without those transactions, would the rest still be beyond the limit? If not, it is
-- the same thing seen from another side. A broken limit outranks a cause that is at its
-- warning level alone.
explained_limits as (
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
),

-- Of two changes that are about alike customers and products are the cause of what they
-- have in common.
change_findings as (
    select
        *,
        abs(yearly_change) as yearly_size,
        row_number() over (
            order by
                case dimension when 'customer' then 1 when 'product' then 2 else 3 end,
                abs(yearly_change) desc,
                dimension,
                direction
        ) as place
    from {{ ref('value_changes') }}
    where finding_rank = 1
),

change_causes as (
    select * from change_findings
),

-- What of a change came with the transactions of another that went the same way.
shared_changes as (
    select
        change_findings.direction,
        change_findings.dimension,
        change_causes.dimension as cause_dimension,
        change_findings.value_change,
        change_findings.yearly_size,
        change_causes.yearly_size as cause_size,
        change_causes.place < change_findings.place as is_after,
        cast(sum(
            case
                when periods.period_start = change_findings.period_start
                    then revenue.revenue
                else -revenue.revenue
            end
        ) as double) as shared_change
    from change_findings
    inner join change_causes
        on
            change_findings.direction = change_causes.direction
            and change_findings.dimension != change_causes.dimension
    inner join periods
        on
            change_findings.period_grain = periods.period_grain
            and periods.period_start
            in (change_findings.period_start, change_findings.compared_start)
    inner join revenue
        on
            {{ same_keys('change_findings', 'revenue', 'dimension, entity_id') }}
            and periods.month_start = revenue.month_start
    inner join cause_revenue
        on
            {{ same_keys('change_causes', 'cause_revenue', 'dimension, entity_id') }}
            and {{ same_keys('revenue', 'cause_revenue', 'entity_bits, month_start') }}
    group by
        change_findings.direction,
        change_findings.dimension,
        change_causes.dimension,
        change_findings.value_change,
        change_findings.yearly_size,
        change_causes.yearly_size,
        change_causes.place < change_findings.place
),

-- Without the transactions of the other, less than half of the change would be left.
explained_changes as (
    select * from shared_changes
    where abs(value_change - shared_change) < abs(value_change) / 2
),

mutual as (
    select * from explained_changes
)

select
    'limit' as kind,
    dimension,
    is_single_name,
    cast(null as string) as direction,
    max(cause_dimension) as said_by_dimension,
    false as is_cause
from explained_limits
where not outranks_cause
group by dimension, is_single_name
union all
select
    'limit' as kind,
    cause_dimension as dimension,
    true as is_single_name,
    cast(null as string) as direction,
    max(dimension) as said_by_dimension,
    true as is_cause
from explained_limits
where outranks_cause
group by cause_dimension
union all
-- Where each explains the other, the larger is the cause, and of two that are about
-- alike the first by place.
select
    'change' as kind,
    explained_changes.dimension,
    cast(null as boolean) as is_single_name,
    explained_changes.direction,
    max(explained_changes.cause_dimension) as said_by_dimension,
    false as is_cause
from explained_changes
left join mutual
    on
        explained_changes.direction = mutual.direction
        and explained_changes.dimension = mutual.cause_dimension
        and explained_changes.cause_dimension = mutual.dimension
where
    case
        when mutual.dimension is null
            then explained_changes.cause_size > explained_changes.yearly_size
        when explained_changes.cause_size < 0.75 * explained_changes.yearly_size
            then false
        when explained_changes.yearly_size < 0.75 * explained_changes.cause_size
            then true
        else explained_changes.is_after
    end
group by explained_changes.dimension, explained_changes.direction
