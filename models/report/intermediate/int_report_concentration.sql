{#- Longer than others: the indices of each dimension, and its curve. -#}
with

indices as (
    select * from {{ ref('concentration_indices') }}
    where measure = '{{ main_measure() }}' and period_grain = 'all' and hhi is not null
),

lorenz_curves as (
    select * from {{ ref('lorenz_curves') }}
    where
        measure = '{{ main_measure() }}'
        and period_grain = 'all'
        and ({{ is_business_dimension('dimension') }} or dimension = 'hour')
),

curves as (
    select
        *,
        max(entity_count) over (partition by dimension, measure) as curve_entity_count,
        concat_ws(', ', dimension, 'all', measure, cast(point_number as string))
            as source_key
    from lorenz_curves
),

-- Revenue and purchases have only one type of interaction, so its concentration says
-- nothing. With equal chances, the HHI corrected for chance is that of equal entities.
measured as (
    select
        indices.*,
        {{ dimension_place('indices.dimension') }} as dimension_place,
        {{ dimension_label('indices.dimension') }} as dimension_label,
        case
            when indices.hhi_expected_if_even is not null
                then 1e0 / coalesce(indices.population_count, indices.entity_count)
        end as hhi_of_equals
    from indices
    where indices.dimension != 'interaction_type'
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
from measured
union all
{% endfor -%}
-- The curve of three or four entities consists of a few straight lines and says
-- nothing.
select
    {{ report_fact(
        section='lorenz',
        source='lorenz_curves.value_share',
        key='source_key',
        series=dimension_label('dimension'),
        position='point_number',
        value='value_share',
        unit="'share'",
        compared='entity_share'
    ) }}
from curves
where curve_entity_count >= 5
