{% for months, dimension, entity in tables_of_months() -%}
select
    {{ dimension }} as dimension,
    {{ entity }} as entity_key,
    {{ measure_rollup() }}
from {{ ref(months) }}
where {{ dimension }} is not null
group by {{ 'dimension, ' if dimension == 'dimension' }}{{ entity }}
{{ 'union all' if not loop.last }}
{% endfor %}
