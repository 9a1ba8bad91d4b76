with

hhi_changes as (
    select * from {{ ref('int_hhi_changes') }}
),

change_tests as (
    select * from {{ ref('int_change_tests') }}
    where kind = 'hhi'
)

select
    hhi_changes.dimension,
    hhi_changes.measure,
    hhi_changes.period_grain,
    hhi_changes.comparison,
    case
        when not hhi_changes.is_comparable then 'not_compared'
        when
            change_tests.q_value <= {{ var('false_discovery_rate') }}
            and change_tests.change_z > 0
            then 'rose'
        when change_tests.q_value <= {{ var('false_discovery_rate') }} then 'fell'
        else 'no_clear_change'
    end as direction,
    hhi_changes.hhi,
    hhi_changes.compared_hhi,
    hhi_changes.hhi_change,
    hhi_changes.hhi_unbiased_change,
    hhi_changes.effective_transactions,
    hhi_changes.change_se,
    hhi_changes.change_low,
    hhi_changes.change_high,
    change_tests.change_z,
    change_tests.p_value,
    change_tests.q_value,
    hhi_changes.is_comparable,
    hhi_changes.period_start,
    hhi_changes.compared_start
from hhi_changes
inner join change_tests
    on {{ same_keys(
        'hhi_changes', 'change_tests',
        'dimension, measure, period_grain, comparison, period_start'
    ) }}
