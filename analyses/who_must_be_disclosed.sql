-- Which customers must be disclosed for their part of a year's revenue, or come close?
-- over_entities names the ten largest at or above the warning level, and over_count
-- counts all of them; the last year counts once it is complete.
select
    substr(cast(period_start as string), 1, 4) as fiscal_year,
    status,
    over_count,
    over_entities,
    is_complete
from {{ ref('limit_status') }}
where limit_id = 'customer_disclosure'
order by period_start
