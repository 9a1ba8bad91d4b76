with

-- Where each explains the other, the larger change speaks; of two that are about alike
-- customers and products are the cause of what they have in common.
change_findings as (
    select
        *,
        row_number() over (
            order by
                case dimension when 'customer' then 1 when 'product' then 2 else 3 end,
                abs(yearly_change) desc,
                dimension,
                direction
        ) as place
    from {{ ref('int_change_findings') }}
),

causes as (
    select * from change_findings
),

overlapping as (
    select * from {{ ref('int_finding_overlaps') }}
    where kind = other_kind
),

-- Without the transactions of the other, less than half of the change would be left.
explained as (
    select
        change_findings.direction,
        change_findings.dimension,
        overlapping.other_dimension,
        change_findings.place,
        abs(change_findings.yearly_change) as yearly_size
    from change_findings
    inner join overlapping
        on
            change_findings.direction = overlapping.kind
            and change_findings.dimension = overlapping.dimension
    where
        abs(
            change_findings.value_change
            - (overlapping.shared_value - overlapping.compared_shared_value)
        ) < abs(change_findings.value_change) / 2
),

explained_back as (
    select * from explained
)

select distinct
    explained.dimension,
    explained.direction
from explained
inner join causes
    on
        explained.direction = causes.direction
        and explained.other_dimension = causes.dimension
left join explained_back
    on
        explained.direction = explained_back.direction
        and explained.dimension = explained_back.other_dimension
        and explained.other_dimension = explained_back.dimension
where
    case
        when explained_back.dimension is null
            then abs(causes.yearly_change) > explained.yearly_size
        when abs(causes.yearly_change) < 0.75 * explained.yearly_size then false
        when explained.yearly_size < 0.75 * abs(causes.yearly_change) then true
        else causes.place < explained.place
    end
