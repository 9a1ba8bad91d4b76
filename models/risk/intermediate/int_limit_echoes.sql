with

limit_findings as (
    select * from {{ ref('int_limit_findings') }}
),

causes as (
    select * from limit_findings
    where measure = '{{ main_measure() }}' and is_single_name
),

overlapping as (
    select * from {{ ref('int_finding_overlaps') }}
),

-- Without the transactions of a customer or product that is named itself, would the
-- rest still be beyond the limit? If not, it is the same thing seen from another side.
limits_without as (
    select
        limit_findings.dimension,
        limit_findings.is_single_name,
        limit_findings.status,
        causes.status as cause_status,
        causes.dimension as cause_dimension,
        limit_findings.threshold,
        case
            when limit_findings.is_single_name
                then {{ share_without(
                    'limit_findings.entity_value', 'overlapping.shared_value',
                    'limit_findings.total_value', 'overlapping.other_value'
                ) }}
            when limit_findings.indicator = 'hhi'
                then {{ hhi_without('limit_findings', 'overlapping') }}
            when limit_findings.indicator = 'hhi_normalized'
                then {{ normalized_hhi(
                    hhi_without('limit_findings', 'overlapping'),
                    'limit_findings.entity_count'
                ) }}
        end as indicator_without
    from limit_findings
    inner join overlapping
        on
            limit_findings.dimension = overlapping.dimension
            and case when limit_findings.is_single_name then 'name' else 'whole' end
            = overlapping.kind
    inner join causes on overlapping.other_dimension = causes.dimension
    where
        limit_findings.measure = '{{ main_measure() }}'
        and limit_findings.dimension != 'customer'
        and overlapping.other_kind = 'name'
        and overlapping.other_dimension in ('customer', 'product')
)

-- The cause speaks for both, unless it is at its warning level alone and the other is
-- broken: a breach outranks a warning.
select
    dimension,
    is_single_name,
    max(cause_dimension) as said_by_dimension,
    false as is_cause
from limits_without
where
    indicator_without < threshold
    and not (status = 'breach' and cause_status = 'warn')
group by dimension, is_single_name
union all
select
    cause_dimension as dimension,
    true as is_single_name,
    max(dimension) as said_by_dimension,
    true as is_cause
from limits_without
where indicator_without < threshold and status = 'breach' and cause_status = 'warn'
group by cause_dimension
