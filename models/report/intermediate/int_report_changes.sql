with

report_measure as (
    select * from {{ ref('int_report_measure') }}
),

coverage as (
    select * from {{ ref('int_period_coverage') }}
    where is_latest_complete
),

changes as (
    select * from {{ ref('concentration_changes') }}
    where
        is_comparable
        and hhi_change is not null
        and {{ is_open_dimension('dimension') }}
),

contributors as (
    select * from {{ ref('change_contributors') }}
),

-- A quarter is long enough to be more than noise and short enough to be news.
choices as (
    select
        changes.*,
        {{ period_words('changes.period_grain', 'changes.period_start') }} as period,
        {{ period_words('changes.period_grain', 'changes.compared_start') }}
            as compared_period,
        row_number() over (
            partition by changes.dimension
            order by
                case changes.period_grain
                    when 'quarter' then 1
                    when 'month' then 2
                    else 3
                end,
                changes.comparison
        ) as choice
    from changes
    inner join report_measure on changes.measure = report_measure.measure
    inner join coverage
        on
            changes.period_grain = coverage.period_grain
            and changes.period_start = coverage.period_start
),

chosen as (
    select
        *,
        concat(
            {{ dimension_label('dimension') }}, ', ', period, ' against ',
            compared_period
        ) as series,
        concat(
            dimension, ', ', measure, ', ', period_grain, ', ', comparison, ', ',
            cast(period_start as string)
        ) as source_key
    from choices
    where choice = 1
),

steps as (
    select
        chosen.series,
        chosen.source_key,
        least(contributors.contribution_rank, 9) as position,
        case
            when min(contributors.contribution_rank) > 8 then 'all others'
            else max(contributors.entity_label)
        end as label,
        case
            when min(contributors.contribution_rank) > 8
                then {{ exact_sum('contributors.contribution', 30) }}
            else max(contributors.contribution)
        end as contribution,
        case
            when min(contributors.contribution_rank) > 8 then 'rest'
            else max(contributors.movement)
        end as movement,
        concat(
            {{ percent_words(exact_sum('contributors.compared_share', 30)) }}, ' to ',
            {{ percent_words(exact_sum('contributors.value_share', 30)) }}, ' of ',
            chosen.measure
        ) as detail
    from chosen
    inner join contributors
        on
            chosen.dimension = contributors.dimension
            and chosen.measure = contributors.measure
            and chosen.period_grain = contributors.period_grain
            and chosen.comparison = contributors.comparison
            and chosen.period_start = contributors.period_start
    group by
        chosen.series,
        chosen.source_key,
        chosen.measure,
        least(contributors.contribution_rank, 9)
)

select
    'changes' as section,
    series,
    0 as position,
    concat('HHI ', compared_period) as label,
    compared_hhi as fact_value,
    'index' as unit,
    cast(null as double) as interval_low,
    cast(null as double) as interval_high,
    cast(null as double) as comparison_value,
    'before' as state,
    cast(null as string) as detail,
    'concentration_changes' as source_model,
    'compared_hhi' as source_column,
    source_key
from chosen
union all
select
    'changes' as section,
    series,
    position,
    label,
    contribution as fact_value,
    'index' as unit,
    cast(null as double) as interval_low,
    cast(null as double) as interval_high,
    cast(null as double) as comparison_value,
    movement as state,
    detail,
    'change_contributors' as source_model,
    'contribution' as source_column,
    source_key
from steps
union all
select
    'changes' as section,
    series,
    10 as position,
    concat('HHI ', period) as label,
    hhi as fact_value,
    'index' as unit,
    cast(null as double) as interval_low,
    cast(null as double) as interval_high,
    compared_hhi as comparison_value,
    'after' as state,
    cast(null as string) as detail,
    'concentration_changes' as source_model,
    'hhi' as source_column,
    source_key
from chosen
union all
-- What was counted moved so much; the interval is around what is free of noise.
select
    'changes' as section,
    series,
    11 as position,
    'Change' as label,
    hhi_change as fact_value,
    'index' as unit,
    {{ interval_low('hhi_unbiased_change', 'change_se') }} as interval_low,
    {{ interval_high('hhi_unbiased_change', 'change_se') }} as interval_high,
    cast(null as double) as comparison_value,
    'change' as state,
    case direction
        when 'rose' then 'rose beyond noise'
        when 'fell' then 'fell beyond noise'
        else 'did not clearly change'
    end as detail,
    'concentration_changes' as source_model,
    'hhi_change' as source_column,
    source_key
from chosen
