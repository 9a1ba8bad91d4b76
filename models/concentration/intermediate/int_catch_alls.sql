with

entity_totals as (
    select * from {{ ref('int_entity_totals') }}
    where entity_id is not null and interactions > 0
)

select dimension
from entity_totals
where dimension not in ('customer', 'product')
group by dimension
having
    count(*) = 1
    and {{ lowered('max(entity_id)') }} in (
        {%- for word in var('catch_all_words') -%}
        {{ text_literal(word) }}{{ ', ' if not loop.last }}
        {%- endfor -%}
    )
