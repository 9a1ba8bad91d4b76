-- Here rather than beside the description: when a macro has changed, dbt reads tests
-- again without what their property file says.
{{ config(severity='warn') }}

with

limit_status as (
    select * from {{ ref('limit_status') }}
    where is_latest_complete and status = 'breach' and severity = 'warn'
)

select
    limit_id,
    dimension,
    period_start,
    {{ breach_message() }} as message
from limit_status
order by limit_id, dimension
