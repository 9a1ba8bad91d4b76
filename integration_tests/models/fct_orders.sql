with

orders as (select * from {{ ref('raw_orders') }}),
order_lines as (select * from {{ ref('raw_order_lines') }})

select
    orders.order_id,
    orders.client as customer_id,
    order_lines.sku as product_sku,
    orders.channel as sales_channel,
    orders.payment as payment_method,
    order_lines.units * order_lines.unit_price as net_amount,
    orders.ordered_at
from order_lines
inner join orders on order_lines.order_id = orders.order_id
