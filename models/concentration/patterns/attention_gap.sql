with

entities as (
    select * from {{ ref('entity_ranks') }}
    where dimension in ('product', 'category')
),

shared as (
    select
        dimension,
        entity_id,
        entity_label,
        interactions,
        revenue,
        interactions_share,
        -- If returns exceed purchases, the revenue counts as zero.
        coalesce(revenue_share, 0) as revenue_share,
        1e0 / count(*) over (partition by dimension) as even_share
    from entities
)

select
    dimension,
    entity_id,
    entity_label,
    case
        when
            interactions_share >= even_share
            and revenue_share * {{ var('attention_gap_factor') }} <= interactions_share
            then 'looked_at_not_bought'
        when
            revenue_share >= even_share
            and interactions_share * {{ var('attention_gap_factor') }} <= revenue_share
            then 'bought_hardly_looked_at'
        else 'in_line'
    end as finding,
    interactions,
    revenue,
    interactions_share,
    revenue_share,
    revenue_share - interactions_share as share_gap
from shared
