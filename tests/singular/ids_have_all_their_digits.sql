{{ config(severity='warn') }}

with

ids as (
    {%- for entity in ['customer', 'product'] %}
    select
        '{{ entity }}' as dimension,
        {{ entity }}_id as entity_id
    from {{ ref(entity ~ 's') }}
    where {{ matches(entity ~ '_id', scientific_pattern()) }}
    {{ 'union all' if not loop.last }}
    {%- endfor %}
)

select
    dimension,
    count(*) as id_count,
    min(entity_id) as example,
    concat(
        dimension, ' ids in scientific notation, such as ', min(entity_id), ' (',
        count(*), ' in all): Excel has cut off their last digits, so different ids ',
        'may have become equal; export the column as text'
    ) as message
from ids
group by dimension
order by dimension
