with

limit_values as (
    select * from {{ ref('int_limit_values') }}
    where indicator in ('entity_share', 'cr1') and direction = 'above'
),

leading_entities as (
    select * from {{ ref('int_leading_entities') }}
),

labels as (
    select * from {{ ref('int_entity_labels') }}
),

over as (
    select
        limit_values.limit_id,
        limit_values.dimension,
        limit_values.period_start,
        labels.entity_label,
        leading_entities.value_share,
        row_number() over (
            partition by
                limit_values.limit_id, limit_values.dimension, limit_values.period_start
            order by leading_entities.value_share desc, labels.entity_id
        ) as place
    from limit_values
    inner join leading_entities
        on
            limit_values.dimension = leading_entities.dimension
            and limit_values.measure = leading_entities.measure
            and limit_values.period_grain = leading_entities.period_grain
            and limit_values.period_start = leading_entities.period_start
    inner join labels
        on
            leading_entities.dimension = labels.dimension
            and leading_entities.entity_key = labels.entity_key
    where leading_entities.value_share >= limit_values.warn_at
)

select
    limit_id,
    dimension,
    period_start,
    count(*) as over_count,
    {{ joined_texts(
        "case when place <= 10 then concat(entity_label, ' ', "
        ~ percent_words('value_share') ~ ") end", 'place'
    ) }} as over_entities
from over
group by limit_id, dimension, period_start
