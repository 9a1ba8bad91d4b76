with

periods as (
    select * from {{ ref('int_periods') }}
),

month_files as (
    select * from {{ ref('int_month_files') }}
)

-- A month in which nothing happened still has its days.
select
    periods.period_grain,
    periods.period_start,
    bit_xor(
        {{ row_hash([
            'periods.month_start', 'periods.day_count', 'month_files.described_key'
        ]) }}
    ) as period_key
from periods
left join month_files on periods.month_start = month_files.month_start
group by periods.period_grain, periods.period_start
