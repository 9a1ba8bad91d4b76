with

entity_months as (select * from {{ ref('int_entity_months') }})

-- Customers and products are grouped separately, by one key instead of two.
{% for rows, dimension in dimension_groups() -%}
select
    {{ dimension }} as dimension,
    entity_key,
    {{ measure_rollup() }}
from entity_months
where {{ rows }}
group by {{ 'dimension, ' if dimension == 'dimension' }}entity_key
{{ 'union all' if not loop.last }}
{% endfor %}
