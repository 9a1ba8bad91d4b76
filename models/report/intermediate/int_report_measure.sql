with

indices as (
    select * from {{ ref('concentration_indices') }}
    where period_grain = 'all' and dimension = 'year'
),

totals as (
    select
        max(
            case
                when measure = 'revenue'
                    then total_value + coalesce(unattributed_value, 0)
            end
        ) as revenue,
        max(
            case
                when measure = 'purchases'
                    then total_value + coalesce(unattributed_value, 0)
            end
        ) as purchases,
        max(case when measure = 'interactions' then total_value end) as interactions
    from indices
)

-- An export that has neither money nor purchases is about what else it counts.
select
    case
        when revenue > 0 then 'revenue'
        when coalesce(purchases, 0) = 0 and interactions > 0 then 'interactions'
        else 'purchases'
    end as measure,
    case
        when revenue > 0
            then {{ text_literal(capitalized(label_for_one('revenue'))) }}
        when coalesce(purchases, 0) = 0 and interactions > 0
            then {{ text_literal(capitalized(label_for_several('interaction'))) }}
        else {{ text_literal(capitalized(label_for_several('purchase'))) }}
    end as measure_label,
    case when revenue > 0 then 'money' else 'count' end as unit
from totals
