with

periods as (select * from {{ ref('int_periods') }}),
month_files as (select * from {{ ref('int_month_files') }}),

-- A month in which nothing happened still has its days. A single text is hashed,
-- because the hash of several values is itself an exclusive or: values that an even
-- number of months share would cancel.
months as (
    select
        periods.period_grain,
        periods.period_start,
        concat_ws(
            ',',
            cast(periods.month_start as string),
            cast(periods.day_count as string),
            cast(month_files.month_key as string)
        ) as made_of
    from periods
    left join month_files on periods.month_start = month_files.month_start
)

select
    period_grain,
    period_start,
    bit_xor({{ row_hash(['made_of']) }}) as period_key
from months
group by period_grain, period_start
