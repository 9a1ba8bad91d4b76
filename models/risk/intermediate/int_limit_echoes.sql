with

limit_findings as (
    select * from {{ ref('int_limit_findings') }}
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
    where
        limit_findings.measure = 'revenue'
        and limit_findings.dimension != 'customer'
        and overlapping.other_kind = 'name'
        and overlapping.other_dimension in ('customer', 'product')
)

select distinct
    dimension,
    is_single_name
from limits_without
where indicator_without < threshold
