{#- Longer than others: it says how concentrated each dimension is, and how that
    changed, as a waterfall with a first and a last bar in addition to its steps. -#}
{%- set change = 'dimension, measure, period_grain, comparison, period_start' -%}
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

coverage as (
    select * from {{ ref('int_period_coverage') }}
    where is_latest_complete
),

index_changes as (
    select * from {{ ref('concentration_changes') }}
    where
        measure = '{{ main_measure() }}'
        and is_comparable
        and hhi_change is not null
        and {{ is_business_dimension('dimension') }}
),

contributors as (
    select
        *,
        least(contribution_rank, 9) as position
    from {{ ref('change_contributors') }}
),

-- Dimensions that moved beyond noise come first. A quarter is long enough for evidence
-- and short enough to be recent.
choices as (
    select
        index_changes.*,
        row_number() over (
            partition by index_changes.dimension
            order by
                case when index_changes.direction in ('rose', 'fell') then 1 else 2 end,
                case index_changes.period_grain
                    when 'quarter' then 1
                    when 'month' then 2
                    else 3
                end,
                index_changes.comparison
        ) as choice
    from index_changes
    inner join coverage
        on {{ same_keys('index_changes', 'coverage', 'period_grain, period_start') }}
),

changes as (
    select
        *,
        {{ sentence(
            '{dimension:label}, {period_start:period} against {compared_start:period}'
        ) }} as change_name,
        {{ sentence(
            '{dimension}, {measure}, {period_grain}, {comparison}, {period_start:day}'
        ) }} as change_key,
        {{ sentence('HHI {compared_start:period}') }} as compared_words,
        {{ sentence('HHI {period_start:period}') }} as period_words,
        case direction
            when 'rose' then 'rose beyond noise'
            when 'fell' then 'fell beyond noise'
            else 'did not clearly change'
        end as direction_words
    from choices
    where choice = 1
),

-- The ninth step represents all others.
steps as (
    select
        changes.change_name,
        changes.change_key,
        changes.measure,
        contributors.position,
        max(contributors.entity_label) as entity_label,
        max(contributors.movement) as movement,
        case
            when contributors.position = 9
                then {{ exact_sum('contributors.contribution', 30) }}
            else max(contributors.contribution)
        end as contribution,
        {{ exact_sum('contributors.compared_share', 30) }} as compared_share,
        {{ exact_sum('contributors.value_share', 30) }} as value_share
    from changes
    inner join contributors on {{ same_keys('changes', 'contributors', change) }}
    group by
        changes.change_name,
        changes.change_key,
        changes.measure,
        contributors.position
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
        section='changes',
        source='change_contributors.contribution',
        key='change_key',
        series='change_name',
        position='position',
        label="case when position = 9 then 'all others' else entity_label end",
        value='contribution',
        unit="'index'",
        state="case when position = 9 then 'rest' else movement end",
        detail=sentence(
            '{compared_share:percent} to {value_share:percent} of {measure:measure}'
        )
    ) }}
from steps
-- The value is the change in the counted HHI; the interval is around the change without
-- noise.
{% for position, label, column, interval, compared, state, detail in [
    (0, 'compared_words', 'compared_hhi', none, 'null', 'before', 'null'),
    (10, 'period_words', 'hhi', none, 'compared_hhi', 'after', 'null'),
    (11, "'Change'", 'hhi_change', 'change', 'null', 'change', 'direction_words'),
] -%}
union all
select
    {{ report_fact(
        section='changes',
        source='concentration_changes.' ~ column,
        key='change_key',
        series='change_name',
        position=position,
        label=label,
        value=column,
        unit="'index'",
        interval=interval,
        compared=compared,
        state="'" ~ state ~ "'",
        detail=detail
    ) }}
from changes
{% endfor %}
