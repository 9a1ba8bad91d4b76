{{ config(materialized=view_on_duckdb()) }}

{% for measure in measures() -%}
select
    dimension,
    entity_id,
    entity_label,
    '{{ measure }}' as measure,
    cast({{ measure }} as {{ money_sum_type() }}) as entity_value,
    {{ measure }}_share as value_share,
    {{ measure }}_rank as value_rank,
    {{ measure }}_cumulative_share as cumulative_share,
    {{ measure }}_abc_class as abc_class
from {{ ref('entity_ranks') }}
{{ 'union all' if not loop.last }}
{% endfor %}
