-- Customers and products are summed by themselves, by one key in place of two.
{% for dimension, rows in [
    ("'customer'", "dimension = 'customer'"),
    ("'product'", "dimension = 'product'"),
    ('dimension', "dimension not in ('customer', 'product')"),
] -%}
select
    {{ dimension }} as dimension,
    entity_id,
    {{ measure_rollup() }}
from {{ ref('int_entity_years') }}
where {{ rows }}
group by {{ 'dimension, ' if dimension == 'dimension' }}entity_id
{{ 'union all' if not loop.last }}
{% endfor %}
