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
