with

entity_totals as (
    select * from {{ ref('int_entity_periods') }}
    where
        period_grain = 'all'
        and interactions > 0
        and dimension not in ('customer', 'product')
),

labels as (select * from {{ ref('int_entity_labels') }})

select entity_totals.dimension
from entity_totals
inner join labels
    on {{ same_keys('entity_totals', 'labels', 'dimension, entity_key') }}
group by entity_totals.dimension
having
    count(*) = 1
    and {{ lowered('max(labels.entity_id)') }} in (
        {%- for word in var('catch_all_words') -%}
        {{ text_literal(word) }}{{ ', ' if not loop.last }}
        {%- endfor -%}
    )
