with

change_tests as (
    select * from {{ ref('int_change_tests') }}
    where kind = 'hhi'
)

select
    dimension,
    measure,
    period_grain,
    comparison,
    case
        when not is_comparable then 'not_compared'
        when
            q_value <= {{ var('false_discovery_rate') }}
            and change_z > 0
            then 'rose'
        when q_value <= {{ var('false_discovery_rate') }} then 'fell'
        else 'no_clear_change'
    end as direction,
    hhi,
    compared_hhi,
    hhi_change,
    tested_change as hhi_unbiased_change,
    effective_transactions,
    change_se,
    change_low,
    change_high,
    change_z,
    p_value,
    q_value,
    is_comparable,
    period_start,
    compared_start
from change_tests
