-- The report of a refused build is made as well: this test comes after its last table.
-- depends_on: {{ ref('report_facts') }}

with

limit_status as (
    select * from {{ ref('limit_status') }}
    where is_latest_complete and status = 'breach' and severity = 'error'
)

select
    limit_id,
    dimension,
    period_start,
    concat(
        {{ breach_message() }}, '; to do: ', action, '; to publish before that, ',
        'set its severity to warn in ', {{ text_literal(source_of_rows('limits')) }}
    ) as message
from limit_status
order by limit_id, dimension
