with

amounts as (
    select
        {{ month_of('interacted_at') }} as month_start,
        revenue,
        count(*) as row_count
    from {{ ref('interactions') }}
    where revenue != 0
    group by month_start, revenue
),

periods as (
    select * from {{ ref('int_periods') }}
),

-- Against the largest amount of the period, so that the powers stay within reach.
scaled as (
    select
        periods.period_grain,
        periods.period_start,
        amounts.row_count,
        abs(cast(amounts.revenue as double))
        / max(abs(cast(amounts.revenue as double))) over (
            partition by periods.period_grain, periods.period_start
        ) as amount
    from amounts
    inner join periods on amounts.month_start = periods.month_start
),

summed as (
    select
        period_grain,
        period_start,
        {{ exact_sum('row_count * ' ~ squared(squared('amount'))) }} as fourth_powers,
        {{ exact_sum('row_count * ' ~ squared('amount')) }} as squares
    from scaled
    group by period_grain, period_start
)

select
    period_grain,
    period_start,
    fourth_powers / {{ squared('squares') }} as fourth_power_weight
from summed
