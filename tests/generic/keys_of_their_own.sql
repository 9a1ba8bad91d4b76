{#- No two rows share a key, whether they have different ids or the same id. -#}
{% test keys_of_their_own(model, key, id) %}

select
    {{ key }},
    min({{ id }}) as first_id,
    max({{ id }}) as second_id,
    case
        when min({{ id }}) = max({{ id }})
            then concat(min({{ id }}), ' is listed twice')
        else concat(
            min({{ id }}), ' and ', max({{ id }}), ' have the same {{ key }}, ',
            {{ key }}, ', and would be summed as one; rename one of them in the files'
        )
    end as message
from {{ model }}
group by {{ key }}
having count(*) > 1

{% endtest %}
