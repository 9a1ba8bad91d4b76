-- The shop's own SQL, with the formulas of Topheavy.
with

orders as (select * from {{ ref('fct_orders') }}),
clients as (select * from {{ ref('customers') }}),

client_revenue as (
    select
        clients.town,
        orders.customer_id,
        sum(orders.net_amount) as revenue
    from orders
    inner join clients on orders.customer_id = clients.customer_id
    group by clients.town, orders.customer_id
)

select
    town,
    {{ topheavy.hhi('revenue') }} as hhi,
    {{ topheavy.effective_number('revenue') }} as effective_number,
    {{ topheavy.gini('revenue') }} as gini,
    {{ topheavy.shannon('revenue') }} as shannon,
    {{ topheavy.theil('revenue') }} as theil,
    {{ topheavy.hoover('revenue') }} as hoover,
    {{ topheavy.top_share('revenue', 1) }} as top_share,
    {{ topheavy.entities_to('revenue', 0.8) }} as entities_to_80_percent
from client_revenue
group by town
