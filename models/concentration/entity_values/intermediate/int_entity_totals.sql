{% for months, rows, dimension in groups_of_months() -%}
select
    {{ dimension }} as dimension,
    entity_key,
    {{ measure_rollup() }}
from {{ ref(months) }}
where {{ rows }}
group by {{ 'dimension, ' if dimension == 'dimension' }}entity_key
{{ 'union all' if not loop.last }}
{% endfor %}
