with

interaction_facts as (
    select * from {{ ref('interaction_facts') }}
),

loaded_files as (
    select * from {{ ref('loaded_files') }}
),

month_files as (
    select distinct
        file_key,
        month_start
    from interaction_facts
),

months as (
    select
        month_start,
        bit_xor(file_key) as month_key
    from month_files
    group by month_start
),

-- The descriptions of customers and products apply to every month.
descriptions as (
    select coalesce(bit_xor(file_key), 0) as description_key
    from loaded_files
    where source_block in ('customers', 'products')
)

select
    months.month_start,
    months.month_key,
    {{ row_hash(['months.month_key', 'descriptions.description_key']) }}
        as descriptions_hash
from months
cross join descriptions
