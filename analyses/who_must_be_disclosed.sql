-- Which customers bring so much of a year's revenue that it must be disclosed, or soon?
-- That is from 10 % of it; from 8 % on over_entities names them with their shares, the
-- ten largest. The last year counts once it is complete.
select
    substr(cast(period_start as string), 1, 4) as fiscal_year,
    status,
    over_count,
    over_entities,
    is_complete
from {{ ref('limit_status') }}
where limit_id = 'customer_disclosure'
order by period_start
