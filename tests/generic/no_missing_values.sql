{#- `columns` are never NULL. Returns whole rows: what is there tells them apart. -#}
{% test no_missing_values(model, columns) %}

select *
from {{ model }}
where {{ columns | join(' is null or ') }} is null

{% endtest %}
