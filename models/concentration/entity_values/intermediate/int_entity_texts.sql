with

text_months as (select * from {{ ref('int_entity_text_months') }}),

counted as (
    select
        dimension,
        text_role,
        entity_key,
        entity_text,
        sum(row_count) as row_count
    from text_months
    group by dimension, text_role, entity_key, entity_text
),

ranked as (
    select
        *,
        row_number() over (
            partition by dimension, text_role, entity_key
            order by row_count desc, entity_text
        ) as place
    from counted
)

select
    dimension,
    text_role,
    entity_key,
    entity_text
from ranked
where place = 1
