with

leading_entities as (
    select * from {{ ref('int_leading_entities') }}
),

labels as (
    select * from {{ ref('int_entity_labels') }}
),

ranked as (
    select
        *,
        row_number() over (
            partition by dimension, measure, period_grain, period_start
            order by value_share desc, entity_id
        ) as place
    from leading_entities
)

select
    ranked.dimension,
    ranked.measure,
    ranked.period_grain,
    ranked.entity_id,
    coalesce(labels.entity_label, ranked.entity_id) as entity_label,
    ranked.value_share,
    ranked.total_value,
    ranked.period_start
from ranked
left join labels
    on
        ranked.dimension = labels.dimension
        and ranked.entity_id = labels.entity_id
where ranked.place = 1
