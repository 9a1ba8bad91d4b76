with

articles as (select * from {{ ref('raw_articles') }})

select
    sku as product_sku,
    title as product_name,
    shelf as category,
    price as list_price
from articles
