with

value_changes as (
    select
        *,
        case when value_change < 0 then 'fell' else 'rose' end as direction
    from {{ ref('value_changes') }}
),

year_changes as (
    select * from value_changes
    where comparison = 'year_earlier' and is_beyond_chance
),

year_pairs as (
    select * from {{ ref('int_period_comparisons') }}
    where comparison = 'year_earlier' and is_comparable and is_latest_complete
),

-- What the newest rows say of an order, such as open, takes from what they say later.
newest as (
    select
        dimension,
        period_grain,
        comparison,
        sum(entity_value) as newest_value
    from value_changes
    where movement = 'newest_rows_only'
    group by dimension, period_grain, comparison
),

-- What grows or shrinks every December is no news: a month or quarter has to stand out
-- from the same one a year earlier as well, if the entity was there by then.
judged as (
    select
        value_changes.*,
        coalesce(newest.newest_value, 0) as newest_value,
        -- How much of the change is its own, and not what happened to all others too.
        case
            when value_changes.dimension = 'total' then value_changes.value_change
            else value_changes.entity_value
                - value_changes.compared_value
                * (
                    value_changes.total_value
                    - greatest(value_changes.entity_value, 0)
                )
                / nullif(
                    value_changes.compared_total_value
                    - greatest(value_changes.compared_value, 0), 0
                )
        end as own_change,
        value_changes.comparison = 'year_earlier'
        or year_pairs.period_grain is null
        or year_changes.period_grain is not null
        or coalesce(value_changes.first_month > year_pairs.compared_start, false)
            as is_beyond_season
    from value_changes
    left join year_pairs
        on
            value_changes.period_grain = year_pairs.period_grain
            and value_changes.period_start = year_pairs.period_start
    left join year_changes
        on
            value_changes.dimension = year_changes.dimension
            and value_changes.period_grain = year_changes.period_grain
            and value_changes.entity_id = year_changes.entity_id
            and value_changes.direction = year_changes.direction
    left join newest
        on
            value_changes.dimension = newest.dimension
            and value_changes.period_grain = newest.period_grain
            and value_changes.comparison = newest.comparison
)

select
    *,
    {{ per_year('value_change', 'period_grain') }} as yearly_change
from judged
-- Who went below zero is a fact of the books, whatever chance says.
where
    (is_beyond_chance and is_beyond_season or movement = 'went_below_zero')
    and case
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
