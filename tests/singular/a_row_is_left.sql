-- Tables without rows would otherwise be built and published as if they described the
-- business.
with

interaction_facts as (select * from {{ ref('interaction_facts') }}),

reasons as (
    select
        reject_reason,
        count(*) as reason_count,
        sum(count(*)) over () as rejected_count,
        min(raw_text) as example,
        row_number() over (order by count(*) desc, reject_reason) as place
    from {{ ref('rejected_rows') }}
    where source_block = 'interactions'
    group by reject_reason
)

select
    reject_reason,
    reason_count,
    concat(
        'none of ', rejected_count, ' rows can be used, mainly for ', reject_reason,
        ', such as: ', substring(example, 1, 200),
        '; correct ', {{ keys_behind('reject_reason') }},
        ' in the mapping'
    ) as message
from reasons
where place = 1 and not exists (select 1 from interaction_facts)
