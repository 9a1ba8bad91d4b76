with

gains as (
    select * from {{ ref('int_rise_gains') }}
),

entity_values as (
    select * from {{ ref('int_entity_values') }}
),

index_sums as (
    select * from {{ ref('int_index_sums') }}
    where measure = 'revenue'
),

-- Each side of a comparison, to find its entity by what it is of alone.
sides as (
    {%- for side, share, total in [
        ('period_start', 'value_share', 'total_value'),
        ('compared_start', 'compared_share', 'compared_total_value'),
    ] %}
    select
        dimension,
        period_grain,
        comparison,
        entity_id,
        {{ side }} as side_start,
        {{ share }} as side_share,
        {{ total }} as side_total
    from gains
    {{ 'union all' if not loop.last }}
    {%- endfor %}
),

-- Delta method on s = x / T: var s = (Q (1 - 2 s) + s^2 sum(Q)) / T^2.
variances as (
    select
        sides.dimension,
        sides.period_grain,
        sides.comparison,
        sides.entity_id,
        {{ exact_sum(
            'least(cast(entity_values.revenue_squared as double) / '
            ~ squared('sides.side_total') ~ ', 100) * (1 - 2 * sides.side_share)', 30
        ) }} as own_variance
    from sides
    inner join entity_values
        on
            sides.dimension = entity_values.dimension
            and sides.period_grain = entity_values.period_grain
            and sides.entity_id = entity_values.entity_id
            and sides.side_start = entity_values.period_start
    group by
        sides.dimension, sides.period_grain, sides.comparison, sides.entity_id
),

tested as (
    select
        gains.*,
        gains.share_gain / nullif(sqrt(greatest(
            variances.own_variance
            + {{ squared('gains.value_share') }}
            * coalesce(now_sums.transaction_weight, 0)
            + {{ squared('gains.compared_share') }}
            * coalesce(then_sums.transaction_weight, 0),
            0
        )), 0) as gain_z
    from gains
    inner join variances
        on
            gains.dimension = variances.dimension
            and gains.period_grain = variances.period_grain
            and gains.comparison = variances.comparison
            and gains.entity_id = variances.entity_id
    left join index_sums as now_sums
        on
            gains.dimension = now_sums.dimension
            and gains.period_grain = now_sums.period_grain
            and gains.period_start = now_sums.period_start
    left join index_sums as then_sums
        on
            gains.dimension = then_sums.dimension
            and gains.period_grain = then_sums.period_grain
            and gains.compared_start = then_sums.period_start
),

-- The same rise seen in the month, the quarter and the year is one thing: where it
-- shows most clearly, it speaks; against the period before rather than the year before.
spoken as (
    select
        *,
        row_number() over (
            partition by dimension
            order by comparison, gain_z desc, period_grain, entity_id
        ) as voice
    from tested
    where gain_z > {{ var('register_score') }}
)

select
    dimension,
    measure,
    period_grain,
    comparison,
    entity_id,
    entity_label,
    gain_z,
    value_share,
    compared_share,
    total_value,
    compared_total_value,
    share_gain * total_value as gained_value,
    period_start,
    compared_start
from spoken
where voice = 1
