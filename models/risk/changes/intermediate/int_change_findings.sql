{#- Longer than others: a change is found where four conditions hold, each with a
    reason. -#}
with

value_changes as (
    select
        *,
        case when value_change < 0 then 'fell' else 'rose' end as direction
    from {{ ref('value_changes') }}
),

comparisons as (
    select * from {{ ref('int_period_comparisons') }}
),

compared as (
    select
        value_changes.*,
        comparisons.year_start,
        bool_or(
            value_changes.comparison = 'year_earlier' and value_changes.is_beyond_chance
        ) over (
            partition by
                value_changes.dimension,
                value_changes.period_grain,
                value_changes.entity_id,
                value_changes.direction
        ) as is_beyond_chance_in_year,
        -- A state of the newest orders, such as open, takes orders from later states.
        sum(
            case
                when value_changes.movement = 'newest_rows_only'
                    then value_changes.entity_value
                else 0
            end
        ) over (
            partition by
                value_changes.dimension,
                value_changes.period_grain,
                value_changes.comparison
        ) as newest_value,
        case
            when value_changes.dimension = 'total' then value_changes.value_change
            else {{ own_change(
                'value_changes.entity_value', 'value_changes.compared_value',
                'value_changes.total_value', 'value_changes.compared_total_value'
            ) }}
        end as own_change,
        {{ per_year('value_changes.value_change', 'value_changes.period_grain') }}
            as yearly_change
    from value_changes
    inner join comparisons
        on {{ same_keys(
            'value_changes', 'comparisons', 'period_grain, comparison, period_start'
        ) }}
),

-- Growth that recurs every December is not news: a month or quarter must also stand out
-- from the same one a year earlier, if the entity was there by then. A value below zero
-- is a fact of the books, whatever the test says.
clear as (
    select *
    from compared
    where
        movement = 'went_below_zero'
        or is_beyond_chance
        and (
            comparison = 'year_earlier'
            or year_start is null
            or is_beyond_chance_in_year
            or coalesce(first_month > year_start, false)
        )
)

-- The same change seen in the month, the quarter and the year is one thing: it is
-- reported where it would cost or bring most in a year, and against the period before
-- rather than the year before.
select
    *,
    row_number() over (
        partition by dimension, direction
        order by comparison, abs(yearly_change) desc, period_grain, entity_id
    ) as priority
from clear
where
    case
        when dimension = 'total'
            then value_change <= -{{ var('register_collapse') }} * compared_total_value
        when value_change < 0
            then
                -value_change >= {{ var('register_share') }} * compared_total_value
                and own_change <= value_change / 2
                and newest_value < -value_change / 2
        else
            value_change >= {{ var('register_share') }} * total_value
            and own_change >= value_change / 2
    end
