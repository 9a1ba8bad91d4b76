with

coverage as (
    select * from {{ ref('int_period_coverage') }}
    where is_latest_complete
),

changes as (
    select * from {{ ref('concentration_changes') }}
    where
        measure = '{{ main_measure() }}'
        and is_comparable
        and hhi_change is not null
        and {{ is_business_dimension('dimension') }}
),

-- What moved beyond noise comes first; a quarter is long enough to tell and short
-- enough to be news.
choices as (
    select
        changes.*,
        {{ period_words('changes.period_grain', 'changes.period_start') }}
            as period_name,
        {{ period_words('changes.period_grain', 'changes.compared_start') }}
            as compared_name,
        row_number() over (
            partition by changes.dimension
            order by
                case when changes.direction in ('rose', 'fell') then 1 else 2 end,
                case changes.period_grain
                    when 'quarter' then 1
                    when 'month' then 2
                    else 3
                end,
                changes.comparison
        ) as choice
    from changes
    inner join coverage
        on {{ same_keys('changes', 'coverage', 'period_grain, period_start') }}
)

select
    dimension,
    measure,
    period_grain,
    comparison,
    period_name,
    compared_name,
    concat(
        {{ dimension_label('dimension') }}, ', ', period_name, ' against ',
        compared_name
    ) as change_name,
    concat(
        dimension, ', ', measure, ', ', period_grain, ', ', comparison, ', ',
        cast(period_start as string)
    ) as change_key,
    direction,
    hhi,
    compared_hhi,
    hhi_change,
    hhi_unbiased_change,
    change_low,
    change_high,
    period_start
from choices
where choice = 1
