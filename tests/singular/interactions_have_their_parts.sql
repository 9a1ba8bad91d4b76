-- Staging accepted the row, so it has everything that the figures need. A list price or
-- a customer's amount may be unknown; an amount on the row may not.
with

interaction_facts as (
    select
        *,
        interaction_type in ('purchase', 'return') as is_sale
    from {{ ref('interaction_facts') }}
)

select *
from interaction_facts
where
    interaction_type is null
    or (interacted_at is null and undated_reason is null)
    or (revenue is not null and not is_sale)
    or (revenue is null and is_sale and '{{ revenue_basis() }}' = 'amount')
