-- The setting is here rather than next to the description: after a macro has changed,
-- dbt reads tests again without their property file.
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
