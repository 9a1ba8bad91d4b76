with

data_quality as (
    select * from {{ ref('data_quality') }}
    where source_block = 'interactions'
),

indices as (
    select * from {{ ref('concentration_indices') }}
    where period_grain = 'all'
),

limit_status as (
    select * from {{ ref('limit_status') }}
    where is_latest_complete
),

changes as (
    select * from {{ ref('concentration_changes') }}
    where is_comparable and measure = 'revenue'
),

coverage as (
    select * from {{ ref('int_period_coverage') }}
    where is_latest_complete
),

stress_results as (
    select * from {{ ref('stress_results') }}
),

reverse_stress as (
    select * from {{ ref('reverse_stress') }}
    where question = 'lose_share'
),

compound_exposure as (
    select * from {{ ref('compound_exposure') }}
),

risk_register as (
    select * from {{ ref('risk_register') }}
),

attention_count as (
    select
        count(*) as finding_count,
        coalesce({{ exact_sum('money_at_risk', 4) }}, 0) as money_at_risk
    from risk_register
),

limits_measured as (
    select count(*) as measured_count
    from limit_status
    where status != 'not_measurable'
),

facts as (
    select
        'headline' as section,
        case
            when attention_count.finding_count > 0 then 'Things worth attention'
            when limits_measured.measured_count = 0
                then 'No limit could be measured: see limit_status'
            else 'Nothing is beyond a limit, nothing moved beyond noise'
        end as label,
        cast(attention_count.finding_count as double) as fact_value,
        'count' as unit,
        cast(null as double) as uncertainty,
        'risk_register' as source_model,
        'all rows' as source_key
    from attention_count
    cross join limits_measured
    union all
    select
        'headline' as section,
        title as label,
        money_at_risk as fact_value,
        'money' as unit,
        cast(null as double) as uncertainty,
        'risk_register' as source_model,
        evidence_key as source_key
    from risk_register
    union all
    select
        'data quality' as section,
        description as label,
        cast(row_count as double) as fact_value,
        'rows' as unit,
        cast(null as double) as uncertainty,
        'data_quality' as source_model,
        check_name as source_key
    from data_quality
    {%- for column, words, unit, error in [
        ('cr1', 'share of the largest', 'share', 'cr1_se'),
        ('cr10', 'share of the ten largest', 'share', 'cr10_se'),
        ('hhi', 'HHI', 'index', 'hhi_se'),
        ('effective_number', 'effective number', 'count', 'cast(null as double)'),
        ('gini', 'Gini', 'index', 'gini_se'),
    ] %}
    union all
    select
        'concentration' as section,
        concat(
            {{ dimension_label('dimension') }}, ', ', measure, ': {{ words }}'
        ) as label,
        {{ column }} as fact_value,
        '{{ unit }}' as unit,
        {{ error }} as uncertainty,
        'concentration_indices' as source_model,
        concat(dimension, ', ', measure, ', {{ column }}') as source_key
    from indices
    where {{ column }} is not null
    {%- endfor %}
    union all
    select
        'limits' as section,
        concat(
            {{ dimension_label('dimension') }}, ': ', limit_id, ' is ', status
        ) as label,
        indicator_value as fact_value,
        case when {{ is_share('indicator') }} then 'share' else 'index' end as unit,
        (interval_high - interval_low) / (2 * {{ var('critical_score') }})
            as uncertainty,
        'limit_status' as source_model,
        concat(limit_id, ', ', dimension) as source_key
    from limit_status
    where indicator_value is not null
    union all
    select
        'changes' as section,
        concat(
            {{ dimension_label('changes.dimension') }}, ', ',
            {{ period_words('changes.period_grain', 'changes.period_start') }},
            ' against ',
            {{ period_words('changes.period_grain', 'changes.compared_start') }},
            ': HHI ',
            case changes.direction
                when 'rose' then 'rose'
                when 'fell' then 'fell'
                else 'did not clearly change'
            end
        ) as label,
        changes.hhi_change as fact_value,
        'index' as unit,
        changes.change_se as uncertainty,
        'concentration_changes' as source_model,
        concat(changes.dimension, ', ', changes.period_grain, ', ', changes.comparison)
            as source_key
    from changes
    inner join coverage
        on
            changes.period_grain = coverage.period_grain
            and changes.period_start = coverage.period_start
    where changes.hhi_change is not null
    union all
    select
        'stress' as section,
        description as label,
        value_lost as fact_value,
        'money' as unit,
        cast(null as double) as uncertainty,
        'stress_results' as source_model,
        scenario_id as source_key
    from stress_results
    where entities_hit > 0
    union all
    select
        'reverse stress' as section,
        concat(
            {{ dimension_label('dimension') }}, ': how many must go to lose ',
            {{ percent_words('target') }}
        ) as label,
        cast(entity_count as double) as fact_value,
        'count' as unit,
        cast(null as double) as uncertainty,
        'reverse_stress' as source_model,
        concat(dimension, ', ', cast(target as string)) as source_key
    from reverse_stress
    union all
    select
        'compound exposure' as section,
        combination as label,
        revenue_share as fact_value,
        'share' as unit,
        cast(null as double) as uncertainty,
        'compound_exposure' as source_model,
        combination as source_key
    from compound_exposure
)

select
    section,
    label,
    fact_value,
    unit,
    uncertainty,
    source_model,
    source_key
from facts
