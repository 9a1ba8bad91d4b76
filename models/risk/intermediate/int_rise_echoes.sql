with

rise_findings as (
    select * from {{ ref('int_rise_findings') }}
),

overlapping as (
    select * from {{ ref('int_finding_overlaps') }}
    where kind = 'rise' and other_kind = 'rise'
),

-- A cause comes before its echoes: customers, products, then what they have in common.
ordered_rises as (
    select
        *,
        row_number() over (
            order by
                case dimension when 'customer' then 1 when 'product' then 2 else 3 end,
                gained_value desc,
                dimension
        ) as place
    from rise_findings
),

causes as (
    select * from ordered_rises
)

select distinct ordered_rises.dimension
from ordered_rises
inner join overlapping on ordered_rises.dimension = overlapping.dimension
inner join causes
    on
        overlapping.other_dimension = causes.dimension
        and ordered_rises.place > causes.place
where
    {{ share_without(
        'ordered_rises.value_share * ordered_rises.total_value',
        'overlapping.shared_value',
        'ordered_rises.total_value',
        'overlapping.other_value'
    ) }}
    - {{ share_without(
        'ordered_rises.compared_share * ordered_rises.compared_total_value',
        'overlapping.compared_shared_value',
        'ordered_rises.compared_total_value',
        'overlapping.compared_other_value'
    ) }}
    < (ordered_rises.value_share - ordered_rises.compared_share) / 2
