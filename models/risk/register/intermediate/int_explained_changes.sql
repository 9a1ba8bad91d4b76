{#- Longer than others: a change is explained by another one, or by several. -#}
with

-- Of two changes of similar size, customers and products are the cause of the
-- attributes that they share.
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

periods as (select * from {{ ref('int_periods') }}),
revenue as (select * from {{ ref('int_finding_revenue') }}),

cause_revenue as (
    select * from revenue
),

-- The months of both periods, with the sign that a month has in a change.
change_months as (
    select
        change_findings.*,
        periods.month_start,
        periods.period_start = change_findings.period_start as is_later
    from change_findings
    inner join periods
        on
            change_findings.period_grain = periods.period_grain
            and periods.period_start
            in (change_findings.period_start, change_findings.compared_start)
),

-- The part of a change that came with the transactions of another change in the same
-- direction.
shared_changes as (
    select
        change_months.direction,
        change_months.dimension,
        change_causes.dimension as cause_dimension,
        change_months.value_change,
        change_months.yearly_size,
        change_causes.yearly_size as cause_size,
        change_causes.place < change_months.place as is_after,
        cast(sum(
            case
                when change_months.is_later then revenue.revenue
                else -revenue.revenue
            end
        ) as double) as shared_change
    from change_months
    inner join change_causes
        on
            change_months.direction = change_causes.direction
            and change_months.dimension != change_causes.dimension
    inner join revenue
        on {{ same_keys(
            'change_months', 'revenue', 'dimension, entity_id, month_start'
        ) }}
    inner join cause_revenue
        on
            {{ same_keys('change_causes', 'cause_revenue', 'dimension, entity_id') }}
            and {{ same_keys('revenue', 'cause_revenue', 'entity_bits, month_start') }}
    group by
        change_months.direction,
        change_months.dimension,
        change_causes.dimension,
        change_months.value_change,
        change_months.yearly_size,
        change_causes.yearly_size,
        change_causes.place < change_months.place
),

-- Without the transactions of the other, less than half of the change would remain.
explained_changes as (
    select * from shared_changes
    where abs(value_change - shared_change) < abs(value_change) / 2
),

mutual as (
    select * from explained_changes
),

-- If two changes explain each other, the larger is the cause; if they are of similar
-- size, the first in the order of dimensions is.
said_by_another as (
    select
        explained_changes.dimension,
        explained_changes.direction,
        max(explained_changes.cause_dimension) as said_by_dimension
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
),

-- The amount that the other falls took from the whole; a row that belongs to several
-- counts once.
fallen_revenue as (
    select distinct
        cause_revenue.entity_bits,
        cause_revenue.month_start,
        cause_revenue.revenue
    from cause_revenue
    inner join change_causes
        on {{ same_keys('cause_revenue', 'change_causes', 'dimension, entity_id') }}
    left join said_by_another
        on {{ same_keys('change_causes', 'said_by_another', 'dimension, direction') }}
    where
        change_causes.direction = 'fell'
        and said_by_another.dimension is null
)

select * from said_by_another
union all
-- A collapse of the whole that the reported falls explain is left out.
select
    change_months.dimension,
    change_months.direction,
    cast(null as string) as said_by_dimension
from change_months
inner join fallen_revenue on change_months.month_start = fallen_revenue.month_start
where change_months.dimension = 'total'
group by change_months.dimension, change_months.direction, change_months.value_change
having
    cast(sum(
        case
            when change_months.is_later then fallen_revenue.revenue
            else -fallen_revenue.revenue
        end
    ) as double) <= change_months.value_change / 2
