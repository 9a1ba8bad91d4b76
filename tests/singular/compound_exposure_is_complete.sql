-- Of n conditions that can hold, 2^n - n - 1 combinations have two or more. The part
-- beyond independence is above zero exactly if the ratio is above 1.
with

compound_exposure as (select * from {{ ref('compound_exposure') }}),

counts as (
    select
        count(*) as row_count,
        power(2, max(condition_count)) - max(condition_count) - 1 as expected_count
    from compound_exposure
)

select
    'every combination' as combination,
    cast(row_count as double) as found_value,
    cast(expected_count as double) as expected_value
from counts
where row_count != expected_count
union all
select
    combination,
    revenue_beyond_independence as found_value,
    independence_ratio as expected_value
from compound_exposure
where
    abs(independence_ratio - 1) > 1e-9
    and sign(revenue_beyond_independence) != sign(independence_ratio - 1)
