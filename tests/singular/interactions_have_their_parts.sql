-- Staging let the row through, so it has what every figure needs. A list price or a
-- customer's amount may be unknown; an amount on the row may not.
select
    *,
    case
        when interaction_type is null then 'no interaction type'
        when interacted_at is null then 'no time'
        when revenue is null then 'no revenue'
        else 'revenue on a row that sells nothing'
    end as missing_part
from {{ ref('interactions') }}
where
    interaction_type is null
    or interacted_at is null
    or (interaction_type not in ('purchase', 'return') and revenue is not null)
    {%- if revenue_basis() == 'amount' %}
    or (interaction_type in ('purchase', 'return') and revenue is null)
    {%- endif %}
