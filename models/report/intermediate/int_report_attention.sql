with

attention_gap as (
    select * from {{ ref('attention_gap') }}
    where finding != 'in_line'
),

entities as (
    select * from {{ ref('entity_concentration') }}
    where dimension = 'interaction_type' and measure = 'interactions'
),

indices as (
    select * from {{ ref('concentration_indices') }}
    where
        period_grain = 'all'
        and measure = 'interactions'
        and verdict != 'more_even_than_chance'
),

-- Where nothing but sales comes in, nobody was seen looking.
views as (
    select count(*) as view_count
    from entities
    where entity_id not in ('purchase', 'return') and entity_value > 0
),

-- An extract that shows each product once says nothing about attention.
ranked as (
    select
        attention_gap.*,
        row_number() over (
            partition by attention_gap.dimension, attention_gap.finding
            order by abs(attention_gap.share_gap) desc, attention_gap.entity_id
        ) as position
    from attention_gap
    inner join indices on attention_gap.dimension = indices.dimension
    cross join views
    where views.view_count > 0 and '{{ main_measure() }}' in ('revenue')
)

select
    'attention' as section,
    concat(
        {{ dimension_label('dimension') }},
        case finding
            when 'looked_at_not_bought' then ': looked at but not bought'
            else ': bought though hardly looked at'
        end
    ) as series,
    cast(position as integer) as position,
    entity_label as label,
    share_gap as fact_value,
    'share' as unit,
    cast(null as double) as interval_low,
    cast(null as double) as interval_high,
    interactions_share as comparison_value,
    finding as state,
    concat(
        {{ value_words("'interactions'", 'interactions') }},
        {{ text_literal(' ' ~ label_for_several('interaction') ~ ', ') }},
        {{ value_words("'revenue'", 'revenue') }},
        {{ text_literal(' of ' ~ label_for_one('revenue')) }}
    ) as detail,
    'attention_gap' as source_model,
    'share_gap' as source_column,
    concat(dimension, ', ', entity_id) as source_key
from ranked
where position <= 10
