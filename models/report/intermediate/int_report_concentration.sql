with

report_measure as (
    select * from {{ ref('int_report_measure') }}
),

indices as (
    select * from {{ ref('concentration_indices') }}
    where period_grain = 'all' and hhi is not null
),

-- Revenue and purchases have one type of interaction: nothing to be learnt from it.
measured as (
    select
        indices.*,
        {{ dimension_place('indices.dimension') }} as dimension_place,
        {{ dimension_label('indices.dimension') }} as dimension_label
    from indices
    inner join report_measure on indices.measure = report_measure.measure
    where indices.dimension != 'interaction_type'
),

figures as (
    {%- for label, column, unit, compared in [
        ('HHI', 'hhi', 'index', 'hhi_expected_if_even'),
        ('Effective number', 'effective_number', 'count', none),
        ('Gini', 'gini', 'index', none),
        ('Largest', 'cr1', 'share', none),
        ('Ten largest', 'cr10', 'share', none),
        ('Entities', 'entity_count', 'count', 'population_count'),
        ('Entities to 80 %', 'entities_to_80pct', 'count', none),
    ] %}
    select
        *,
        {{ loop.index }} as place,
        '{{ label }}' as label,
        cast({{ column }} as double) as fact_value,
        '{{ unit }}' as unit,
        cast({{ compared or 'null' }} as double) as comparison_value,
        '{{ column }}' as indicator
    from measured
    {{ 'union all' if not loop.last }}
    {%- endfor %}
),

-- The index is what was counted; its interval is around what is free of noise.
estimated as (
    select
        *,
        {{ indicator_centre('indicator') }} as indicator_centre,
        {{ indicator_error('indicator') }} as indicator_se
    from figures
)

select
    'concentration' as section,
    dimension_label as series,
    10 * dimension_place + place as position,
    label,
    fact_value,
    unit,
    {{ interval_low('indicator_centre', 'indicator_se') }} as interval_low,
    {{ interval_high('indicator_centre', 'indicator_se') }} as interval_high,
    comparison_value,
    verdict as state,
    verdict_reason as detail,
    'concentration_indices' as source_model,
    indicator as source_column,
    concat(dimension, ', all, ', measure) as source_key
from estimated
