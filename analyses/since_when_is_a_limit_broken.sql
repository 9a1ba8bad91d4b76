-- Since when is a limit broken, and how did it get there?
-- One line per period: status_since is the start of the current run of periods.
select
    limit_id,
    dimension,
    period_start,
    status,
    status_since,
    indicator_value,
    warn_at,
    breach_at,
    is_complete
from {{ ref('limit_status') }}
order by limit_id, dimension, period_start
