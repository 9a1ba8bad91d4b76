{#- Longer than others: it says how concentrated each dimension is, and how two of them
    meet: weekdays with hours, attention with revenue. -#}
with

-- Revenue and purchases have only one type of interaction, so its concentration says
-- nothing. With equal chances, the HHI corrected for chance is that of equal entities.
indices as (
    select
        *,
        {{ dimension_place('dimension') }} as dimension_place,
        {{ dimension_label('dimension') }} as dimension_label,
        case
            when hhi_expected_if_even is not null
                then 1e0 / coalesce(population_count, entity_count)
        end as hhi_of_equals
    from {{ ref('concentration_indices') }}
    where
        measure = '{{ main_measure() }}'
        and period_grain = 'all'
        and hhi is not null
        and dimension != 'interaction_type'
),

curves as (
    select
        *,
        max(entity_count) over (partition by dimension) as curve_entity_count
    from {{ ref('lorenz_curves') }}
    where
        measure = '{{ main_measure() }}'
        and period_grain = 'all'
        and ({{ is_business_dimension('dimension') }} or dimension = 'hour')
),

cells as (
    select * from {{ ref('concentration_matrix') }}
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

attention_indices as (
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
    inner join attention_indices
        on attention_gap.dimension = attention_indices.dimension
    cross join views
    where views.view_count > 0 and '{{ main_measure() }}' in ('revenue')
)

{% for label, column, unit, interval, compared in [
    ('HHI', 'hhi', 'index', none, 'hhi_expected_if_even'),
    ('HHI less chance', 'hhi_unbiased', 'index', 'hhi', 'hhi_of_equals'),
    ('Effective number', 'effective_number', 'count', none, none),
    ('Gini', 'gini', 'index', 'gini', none),
    ('Largest', 'cr1', 'share', 'cr1', none),
    ('Ten largest', 'cr10', 'share', 'cr10', none),
    ('Entities', 'entity_count', 'count', none, 'population_count'),
    ('Entities to 80%', 'entities_to_80pct', 'count', none, none),
    ('Excess over equals', 'excess_over_even', 'index', none, none),
] -%}
select
    {{ report_fact(
        section='concentration',
        source='concentration_indices.' ~ column,
        key="concat(dimension, ', all, ', measure)",
        series='dimension_label',
        position='10 * dimension_place + ' ~ loop.index,
        label="'" ~ label ~ "'",
        value=column,
        unit="'" ~ unit ~ "'",
        interval=interval,
        compared=compared or 'null',
        state='verdict',
        detail='excess_level' if column == 'excess_over_even' else 'verdict_reason'
    ) }}
from indices
union all
{% endfor -%}
-- The curve of three or four entities consists of a few straight lines and says
-- nothing.
select
    {{ report_fact(
        section='lorenz',
        source='lorenz_curves.value_share',
        key=sentence('{dimension}, all, {measure}, {point_number:count}'),
        series=dimension_label('dimension'),
        position='point_number',
        value='value_share',
        unit="'share'",
        compared='entity_share'
    ) }}
from curves
where curve_entity_count >= 5
union all
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
        key="concat_ws(', ', 'weekday', 'hour', row_id, column_id, measure)",
        series='row_id',
        position='24 * ' ~ weekday_number('row_id') ~ ' + cast(column_id as integer)',
        label='column_id',
        value='total_share',
        unit="'share'",
        compared='independence_ratio',
        detail=value_words('measure', 'cell_value')
    ) }}
from cells
