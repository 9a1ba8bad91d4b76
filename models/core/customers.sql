with

staged as (
    select * from {{ ref('stg_customers') }}
    where not is_blank and reject_reason is null
),

row_ids as (
    select * from {{ ref('int_row_ids') }}
    where entity_role = 'customer'
),

interaction_facts as (select * from {{ ref('interaction_facts') }}),

-- The ids of rows from deleted files are still there.
seen as (
    {{ ids_without_description('customer') }}
),

-- The quartiles of all known customers are interpolated, so that equal amounts fall
-- into the same quarter.
edges as (
    select
        {{ quartiles('purchase_amount') }}
    from staged
)

select
    staged.customer_key,
    staged.customer_id,
    staged.customer_name,
    {{ quarter_name(
        'staged.purchase_amount', 'edges', ['Low', 'Medium', 'High', 'VIP']
    ) }} as customer_segment,
    case
        when staged.age < 0 then null
        when staged.age <= 18 then '18 and under'
        when staged.age <= 25 then '19-25'
        when staged.age <= 35 then '26-35'
        when staged.age <= 50 then '36-50'
        when staged.age <= 65 then '51-65'
        when staged.age > 65 then '66 and over'
    end as age_group,
    staged.gender,
    staged.location,
    staged.subscription_status,
    staged.payment_method,
    staged.purchase_frequency,
    {% for dimension in mapped_dimensions('customers') -%}
    staged.{{ dimension.name }},
    {% endfor -%}
    staged.age,
    staged.purchase_amount,
    true as is_described
from staged
cross join edges
union all
select
    customer_key,
    customer_id,
    {% for attribute in [
        'customer_name', 'customer_segment', 'age_group', 'gender', 'location',
        'subscription_status', 'payment_method', 'purchase_frequency',
    ] + mapped_dimensions('customers') | map(attribute='name') | list -%}
    cast(null as string) as {{ attribute }},
    {% endfor -%}
    cast(null as integer) as age,
    cast(null as {{ money_type() }}) as purchase_amount,
    false as is_described
from seen
