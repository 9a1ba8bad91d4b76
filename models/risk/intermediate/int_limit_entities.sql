with

limit_values as (
    select * from {{ ref('int_limit_values') }}
    where indicator in ('entity_share', 'cr1') and direction = 'above'
),

shares as (
    select * from {{ ref('int_period_shares') }}
),

labels as (
    select * from {{ ref('int_entity_labels') }}
),

over as (
    select
        limit_values.limit_id,
        limit_values.dimension,
        limit_values.period_start,
        coalesce(labels.entity_label, shares.entity_id) as entity_label,
        shares.value_share,
        row_number() over (
            partition by
                limit_values.limit_id, limit_values.dimension, limit_values.period_start
            order by shares.value_share desc, shares.entity_id
        ) as place
    from limit_values
    inner join shares
        on
            limit_values.dimension = shares.dimension
            and limit_values.measure = shares.measure
            and limit_values.period_grain = shares.period_grain
            and limit_values.period_start = shares.period_start
    left join labels
        on
            shares.dimension = labels.dimension
            and shares.entity_id = labels.entity_id
    where shares.value_share >= limit_values.warn_at
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
