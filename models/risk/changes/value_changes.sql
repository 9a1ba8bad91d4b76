{#- Longer than others: it decides how an entity changed and whether to report it, each
    with a reason. -#}
with

movers as (select * from {{ ref('int_period_movers') }}),

change_tests as (
    select * from {{ ref('int_change_tests') }}
    where kind = 'value'
),

histories as (select * from {{ ref('int_entity_histories') }}),
labels as (select * from {{ ref('int_entity_labels') }}),
comparisons as (select * from {{ ref('int_period_comparisons') }}),

-- The whole measure has no entity.
tested as (
    select
        movers.*,
        coalesce(labels.entity_id, '') as entity_id,
        coalesce(labels.entity_label, '') as entity_label,
        case when movers.value_change < 0 then 'fell' else 'rose' end as direction,
        change_tests.change_se,
        change_tests.change_z,
        change_tests.p_value,
        change_tests.q_value,
        coalesce(change_tests.q_value <= {{ var('false_discovery_rate') }}, false)
            as is_beyond_chance,
        histories.dispersion,
        histories.is_newest,
        histories.first_month,
        histories.last_month,
        histories.mostly_since,
        comparisons.year_start,
        {{ per_year('movers.value_change', 'movers.period_grain') }} as yearly_change,
        case
            when movers.dimension = 'total' then movers.value_change
            else {{ own_change(
                'movers.entity_value', 'movers.compared_value',
                'movers.total_value', 'movers.compared_total_value'
            ) }}
        end as own_change
    from movers
    inner join change_tests
        on {{ same_keys(
            'movers', 'change_tests',
            'dimension, period_grain, comparison, entity_key'
        ) }}
    inner join histories
        on {{ same_keys('movers', 'histories', 'dimension, entity_key') }}
    inner join comparisons
        on {{ same_keys(
            'movers', 'comparisons', 'period_grain, comparison, period_start'
        ) }}
    left join labels
        on {{ same_keys('movers', 'labels', 'dimension, entity_key') }}
),

moved as (
    select
        *,
        case
            when entity_value < 0 and compared_value >= 0 then 'went_below_zero'
            when
                mostly_since >= compared_start
                and is_newest
                and dimension not in ('customer', 'product', 'total')
                then 'newest_rows_only'
            when first_month >= period_start then 'launched'
            when entity_value = 0 and last_month < period_start then 'left'
            when entity_value = 0 then 'paused'
            when compared_value = 0 then 'came_back'
            when value_change > 0 then 'grew'
            when value_change < 0 then 'shrank'
            else 'unchanged'
        end as movement
    from tested
),

-- Growth that recurs every December is not news: a month or quarter must also stand out
-- from the same one a year earlier, if the entity was there by then. A value below zero
-- is a fact of the books, whatever the test says.
cleared as (
    select
        *,
        movement = 'went_below_zero'
        or is_beyond_chance
        and (
            comparison = 'year_earlier'
            or year_start is null
            or bool_or(comparison = 'year_earlier' and is_beyond_chance) over same_way
            or coalesce(first_month > year_start, false)
        ) as is_clear,
        -- A status of the newest orders, such as open, takes orders from later
        -- statuses.
        sum(case when movement = 'newest_rows_only' then entity_value else 0 end) over (
            partition by dimension, period_grain, comparison
        ) as newest_value
    from moved
    window same_way as (partition by dimension, period_grain, entity_id, direction)
),

found as (
    select
        *,
        is_clear and case
            when dimension = 'total'
                then
                    -value_change
                    >= {{ var('register_collapse') }} * compared_total_value
            when value_change < 0
                then
                    -value_change >= {{ var('register_share') }} * compared_total_value
                    and own_change <= value_change / 2
                    and newest_value < -value_change / 2
            else
                value_change >= {{ var('register_share') }} * total_value
                and own_change >= value_change / 2
        end as is_finding
    from cleared
)

-- A change in the month, the quarter and the year is one event: it is reported where it
-- has the largest amount per year, and preferably against the previous period.
select
    dimension,
    measure,
    period_grain,
    comparison,
    entity_id,
    entity_label,
    movement,
    direction,
    entity_value,
    compared_value,
    value_change,
    own_change,
    yearly_change,
    total_value,
    compared_total_value,
    case when dimension != 'total' then value_share end as value_share,
    case when dimension != 'total' then compared_share end as compared_share,
    {{ squared('greatest(abs(entity_value), abs(compared_value))') }} / nullif(
        case
            when abs(entity_value) >= abs(compared_value) then value_squares
            else compared_squares
        end, 0
    ) as effective_transactions,
    length_ratio,
    dispersion,
    change_se,
    change_z,
    p_value,
    q_value,
    case
        when is_finding
            then
                cast(row_number() over (
                    partition by dimension, direction, is_finding
                    order by
                        comparison, abs(yearly_change) desc, period_grain, entity_id
                ) as bigint)
    end as finding_rank,
    is_beyond_chance,
    period_start,
    compared_start,
    first_month,
    mostly_since
from found
