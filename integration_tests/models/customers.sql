with

clients as (select * from {{ ref('raw_clients') }})

select
    client as customer_id,
    full_name as customer_name,
    town
from clients
