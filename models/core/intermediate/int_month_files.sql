with

interaction_facts as (select * from {{ ref('interaction_facts') }}),

month_files as (
    select distinct
        file_key,
        month_start
    from interaction_facts
)

select
    month_start,
    bit_xor(file_key) as month_key
from month_files
group by month_start
