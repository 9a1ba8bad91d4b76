{#- Longer than others: it feeds two charts of crossed dimensions, each with its own
    rows. -#}
with

cells as (
    select
        *,
        {{ weekday_number('row_id') }} as weekday_number,
        {{ value_words('measure', 'cell_value') }} as detail,
        concat_ws(', ', 'weekday', 'hour', row_id, column_id, measure) as source_key
    from {{ ref('concentration_matrix') }}
    where
        measure = '{{ main_measure() }}'
        and row_dimension = 'weekday'
        and column_dimension = 'hour'
        and total_share is not null
),

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

-- An export with only sales contains no views.
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
        ) as position,
        concat(
            {{ dimension_label('attention_gap.dimension') }},
            case attention_gap.finding
                when 'looked_at_not_bought' then ': looked at but not bought'
                else ': bought though hardly looked at'
            end
        ) as series,
        concat(
            {{ value_words("'interactions'", 'attention_gap.interactions') }},
            {{ text_literal(' ' ~ label_for_several('interaction') ~ ', ') }},
            {{ value_words("'revenue'", 'attention_gap.revenue') }},
            {{ text_literal(' of ' ~ label_for_one('revenue')) }}
        ) as detail
    from attention_gap
    inner join indices on attention_gap.dimension = indices.dimension
    cross join views
    where views.view_count > 0 and '{{ main_measure() }}' in ('revenue')
)

select
    {{ report_fact(
        section='attention',
        source='attention_gap.share_gap',
        key="concat(dimension, ', ', entity_id)",
        series='series',
        position='position',
        label='entity_label',
        value='share_gap',
        unit="'share'",
        compared='interactions_share',
        state='finding',
        detail='detail'
    ) }}
from ranked
where position <= 10
union all
select
    {{ report_fact(
        section='heat_map',
        source='concentration_matrix.total_share',
        key='source_key',
        series='row_id',
        position='24 * weekday_number + cast(column_id as integer)',
        label='column_id',
        value='total_share',
        unit="'share'",
        compared='independence_ratio',
        detail='detail'
    ) }}
from cells
