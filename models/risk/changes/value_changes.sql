{#- Longer than others: all columns that people read of a change in value are named. -#}
with

movers as (
    select * from {{ ref('int_period_movers') }}
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

-- The whole has no entity.
tested as (
    select
        movers.*,
        coalesce(labels.entity_id, '') as entity_id,
        coalesce(labels.entity_label, '') as entity_label,
        change_tests.change_se,
        change_tests.change_z,
        change_tests.p_value,
        change_tests.q_value,
        histories.dispersion,
        histories.is_newest,
        histories.first_month,
        histories.last_month,
        histories.mostly_since
    from movers
    inner join change_tests
        on {{ same_keys(
            'movers', 'change_tests',
            'dimension, period_grain, comparison, entity_key'
        ) }}
    inner join histories
        on {{ same_keys('movers', 'histories', 'dimension, entity_key') }}
    left join labels
        on {{ same_keys('movers', 'labels', 'dimension, entity_key') }}
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
    coalesce(q_value <= {{ var('false_discovery_rate') }}, false) as is_beyond_chance,
    period_start,
    compared_start,
    first_month,
    mostly_since
from tested
