{#- `columns` are never NULL. Returns whole rows, because their other values identify
   them. -#}
{% test no_missing_values(model, columns) %}

select *
from {{ model }}
where {{ columns | join(' is null or ') }} is null

{% endtest %}
