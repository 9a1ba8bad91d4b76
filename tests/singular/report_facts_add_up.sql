-- Bars in calendar order have no running total and may be cut to the last months; all
-- others are whole.
with

report_facts as (select * from {{ ref('report_facts') }}),

sums as (
    select
        section,
        case when section = 'heat_map' then 'all cells' else series end as part,
        case when section = 'changes' then 0 else 1 end as expected_sum,
        sum(case when state = 'after' then -fact_value else fact_value end) as fact_sum
    from report_facts
    where
        section = 'heat_map'
        or section = 'changes' and state != 'change'
        or section = 'bars' and comparison_value is not null
    group by section, case when section = 'heat_map' then 'all cells' else series end
)

select *
from sums
where abs(fact_sum - expected_sum) > 1e-9
