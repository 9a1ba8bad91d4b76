{#- Longer than others: the revenue that two findings share is used only to decide
    which of them explains the other. -#}
with

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

causes as (
    select * from change_findings
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

-- What of a change came with the transactions of another that went the same way.
shared as (
    select
        change_findings.direction,
        change_findings.dimension,
        causes.dimension as cause_dimension,
        change_findings.value_change,
        change_findings.yearly_size,
        causes.yearly_size as cause_size,
        causes.place < change_findings.place as is_after,
        cast(sum(
            case
                when periods.period_start = change_findings.period_start
                    then revenue.revenue
                else -revenue.revenue
            end
        ) as double) as shared_change
    from change_findings
    inner join causes
        on
            change_findings.direction = causes.direction
            and change_findings.dimension != causes.dimension
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
            {{ same_keys('causes', 'cause_revenue', 'dimension, entity_id') }}
            and {{ same_keys('revenue', 'cause_revenue', 'entity_bits, month_start') }}
    group by
        change_findings.direction,
        change_findings.dimension,
        causes.dimension,
        change_findings.value_change,
        change_findings.yearly_size,
        causes.yearly_size,
        causes.place < change_findings.place
),

-- Without the transactions of the other, less than half of the change would be left.
explained as (
    select * from shared
    where abs(value_change - shared_change) < abs(value_change) / 2
)

-- Where each explains the other, the larger is the cause, and of two that are about
-- alike the first by place.
select distinct
    explained.dimension,
    explained.direction
from explained
left join explained as mutual
    on
        explained.direction = mutual.direction
        and explained.dimension = mutual.cause_dimension
        and explained.cause_dimension = mutual.dimension
where
    case
        when mutual.dimension is null then explained.cause_size > explained.yearly_size
        when explained.cause_size < 0.75 * explained.yearly_size then false
        when explained.yearly_size < 0.75 * explained.cause_size then true
        else explained.is_after
    end
