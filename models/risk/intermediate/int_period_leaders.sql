with

leading_entities as (
    select * from {{ ref('int_leading_entities') }}
),

labels as (
    select * from {{ ref('int_entity_labels') }}
),

largest as (
    select
        *,
        rank() over (
            partition by dimension, measure, period_grain, period_start
            order by value_share desc
        ) as place
    from leading_entities
),

-- Of equals the first by id.
ranked as (
    select
        largest.*,
        labels.entity_id,
        labels.entity_label,
        row_number() over (
            partition by
                largest.dimension,
                largest.measure,
                largest.period_grain,
                largest.period_start
            order by labels.entity_id
        ) as turn
    from largest
    inner join labels
        on
            largest.dimension = labels.dimension
            and largest.entity_key = labels.entity_key
    where largest.place = 1
)

select
    dimension,
    measure,
    period_grain,
    entity_key,
    entity_id,
    entity_label,
    value_share,
    total_value,
    period_start
from ranked
where turn = 1
