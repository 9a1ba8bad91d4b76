-- The same figures from Topheavy's formulas for a value spectrum, with the shop's own
-- column names.
with

orders as (select * from {{ ref('fct_orders') }}),
clients as (select * from {{ ref('customers') }}),

spending as (
    select
        clients.town,
        orders.customer_id,
        sum(orders.net_amount) as spent
    from orders
    inner join clients on orders.customer_id = clients.customer_id
    group by clients.town, orders.customer_id
),

alike as (
    select
        town,
        spent,
        count(*) as clients_alike,
        sum(spent) as spent_alike
    from spending
    where spent > 0
    group by town, spent
),

ranked as (
    select
        *,
        sum(clients_alike) over (partition by town) as clients_in_town,
        sum(spent_alike) over (partition by town) as spent_in_town,
        coalesce(sum(clients_alike) over (
            partition by town
            order by spent desc
            rows between unbounded preceding and 1 preceding
        ), 0) as clients_ahead
    from alike
),

relative as (
    select
        *,
        {{ topheavy.relative_value('spent', 'clients_in_town', 'spent_in_town', 2) }}
            as spent_to_mean
    from ranked
),

summed as (
    select
        town,
        max(clients_in_town) as client_count,
        {{ topheavy.concentration_ratio(
            'spent', 'clients_alike', 'spent_alike', 'clients_ahead', 'spent_in_town', 1
        ) }} as largest_share,
        {{ topheavy.relative_variance(
            'spent_to_mean', 'clients_alike', 'clients_in_town'
        ) }} as variance,
        {{ topheavy.shannon_entropy(
            'spent_to_mean', 'clients_alike', 'clients_in_town'
        ) }} as entropy,
        {{ topheavy.gini_of_spectrum(
            'spent_to_mean', 'clients_alike', 'clients_in_town', 'clients_ahead'
        ) }} as gini_coefficient
    from relative
    group by town
)

select
    town,
    largest_share,
    entropy,
    gini_coefficient,
    {{ topheavy.hhi_of_sums('variance', 'client_count') }} as herfindahl,
    {{ topheavy.gini_unbiased('gini_coefficient', 'client_count') }} as gini_corrected
from summed
