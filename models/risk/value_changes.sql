with

value_changes as (
    select * from {{ ref('int_value_changes') }}
),

change_tests as (
    select * from {{ ref('int_change_tests') }}
    where kind = 'value'
),

histories as (
    select * from {{ ref('int_entity_histories') }}
),

labels as (
    select * from {{ ref('int_entity_labels') }}
),

tested as (
    select
        value_changes.*,
        change_tests.q_value,
        histories.first_month,
        histories.last_month,
        histories.is_newest,
        histories.mostly_since,
        coalesce(labels.entity_label, value_changes.entity_id) as entity_label
    from value_changes
    left join change_tests
        on
            value_changes.dimension = change_tests.dimension
            and value_changes.measure = change_tests.measure
            and value_changes.period_grain = change_tests.period_grain
            and value_changes.comparison = change_tests.comparison
            and value_changes.entity_id = change_tests.entity_id
            and value_changes.period_start = change_tests.period_start
    left join histories
        on
            value_changes.dimension = histories.dimension
            and value_changes.entity_id = histories.entity_id
    left join labels
        on
            value_changes.dimension = labels.dimension
            and value_changes.entity_id = labels.entity_id
)

select
    dimension,
    measure,
    period_grain,
    comparison,
    entity_id,
    entity_label,
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
    end as movement,
    entity_value,
    compared_value,
    value_change,
    total_value,
    compared_total_value,
    case
        when dimension != 'total'
            then {{ share_of('greatest(entity_value, 0)', 'total_value') }}
    end as value_share,
    case
        when dimension != 'total'
            then {{ share_of('greatest(compared_value, 0)', 'compared_total_value') }}
    end as compared_share,
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
    coalesce(q_value <= {{ var('false_discovery_rate') }}, false) as is_beyond_chance,
    period_start,
    compared_start,
    first_month,
    mostly_since
from tested
