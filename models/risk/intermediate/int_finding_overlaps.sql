with

findings as (
    select * from {{ ref('int_findings') }}
),

members as (
    select * from {{ ref('int_finding_cells') }}
),

other_members as (
    select * from {{ ref('int_finding_cells') }}
),

periods as (
    select * from {{ ref('int_periods') }}
),

shared_cells as (
    select
        members.kind,
        members.dimension,
        other_members.kind as other_kind,
        other_members.dimension as other_dimension,
        members.month_start,
        sum(members.revenue) as shared_revenue
    from members
    inner join other_members
        on
            members.cell_number = other_members.cell_number
            and members.dimension != other_members.dimension
    group by
        members.kind,
        members.dimension,
        other_members.kind,
        other_members.dimension,
        members.month_start
),

other_months as (
    select
        kind,
        dimension,
        month_start,
        sum(revenue) as revenue
    from other_members
    group by kind, dimension, month_start
),

-- What each other finding's entity brought in the periods of this one, and what of that
-- belongs to both.
pairs as (
    select
        findings.kind,
        findings.dimension,
        other_months.kind as other_kind,
        other_months.dimension as other_dimension,
        periods.period_start = findings.period_start as is_now,
        sum(other_months.revenue) as other_revenue,
        sum(coalesce(shared_cells.shared_revenue, 0)) as shared_revenue
    from findings
    inner join periods
        on
            findings.period_grain = periods.period_grain
            and periods.period_start in (findings.period_start, findings.compared_start)
    inner join other_months
        on
            periods.month_start = other_months.month_start
            and findings.dimension != other_months.dimension
    left join shared_cells
        on
            findings.kind = shared_cells.kind
            and findings.dimension = shared_cells.dimension
            and other_months.kind = shared_cells.other_kind
            and other_months.dimension = shared_cells.other_dimension
            and other_months.month_start = shared_cells.month_start
    group by
        findings.kind,
        findings.dimension,
        other_months.kind,
        other_months.dimension,
        periods.period_start = findings.period_start
)

select
    kind,
    dimension,
    other_kind,
    other_dimension,
    cast(sum(case when is_now then other_revenue else 0 end) as double) as other_value,
    cast(sum(case when is_now then shared_revenue else 0 end) as double)
        as shared_value,
    cast(sum(case when is_now then 0 else other_revenue end) as double)
        as compared_other_value,
    cast(sum(case when is_now then 0 else shared_revenue end) as double)
        as compared_shared_value
from pairs
group by kind, dimension, other_kind, other_dimension
