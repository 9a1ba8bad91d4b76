with

contributors as (
    select * from {{ ref('change_contributors') }}
    where entity_id is not null and measure = 'revenue'
),

changes as (
    select * from {{ ref('concentration_changes') }}
    where is_comparable and measure = 'revenue'
),

indices as (
    select * from {{ ref('concentration_indices') }}
    where measure = 'revenue'
),

compared_indices as (
    select * from indices
),

coverage as (
    select * from {{ ref('int_period_coverage') }}
    where is_latest_complete
),

entity_values as (
    select * from {{ ref('int_entity_values') }}
),

index_sums as (
    select * from {{ ref('int_index_sums') }}
    where measure = 'revenue'
),

gains as (
    select
        contributors.*,
        contributors.value_share - contributors.compared_share as share_gain,
        cast(indices.total_value as double) as total_value,
        cast(compared_indices.total_value as double) as compared_total_value
    from contributors
    inner join coverage
        on
            contributors.period_grain = coverage.period_grain
            and contributors.period_start = coverage.period_start
    inner join indices
        on
            contributors.dimension = indices.dimension
            and contributors.period_grain = indices.period_grain
            and contributors.period_start = indices.period_start
    inner join compared_indices
        on
            contributors.dimension = compared_indices.dimension
            and contributors.period_grain = compared_indices.period_grain
            and contributors.compared_start = compared_indices.period_start
    where
        contributors.value_share - contributors.compared_share
        >= {{ var('register_share') }}
        and {{ is_open_dimension('contributors.dimension') }}
),

-- What grows every December is no news: a month or quarter has to stand out from the
-- same one a year earlier as well, where there is one.
lasting as (
    select gains.*
    from gains
    left join changes
        on
            gains.dimension = changes.dimension
            and gains.period_grain = changes.period_grain
            and gains.period_start = changes.period_start
            and changes.comparison = 'year_earlier'
    left join gains as year_gains
        on
            gains.dimension = year_gains.dimension
            and gains.period_grain = year_gains.period_grain
            and gains.entity_id = year_gains.entity_id
            and year_gains.comparison = 'year_earlier'
    where changes.dimension is null or year_gains.entity_id is not null
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
    from lasting
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
            'cast(entity_values.revenue_squared as double) / '
            ~ squared('sides.side_total') ~ ' * (1 - 2 * sides.side_share)', 30
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
        lasting.*,
        lasting.share_gain / nullif(sqrt(greatest(
            variances.own_variance
            + {{ squared('lasting.value_share') }}
            * coalesce(now_sums.transaction_weight, 0)
            + {{ squared('lasting.compared_share') }}
            * coalesce(then_sums.transaction_weight, 0),
            0
        )), 0) as gain_z
    from lasting
    inner join variances
        on
            lasting.dimension = variances.dimension
            and lasting.period_grain = variances.period_grain
            and lasting.comparison = variances.comparison
            and lasting.entity_id = variances.entity_id
    left join index_sums as now_sums
        on
            lasting.dimension = now_sums.dimension
            and lasting.period_grain = now_sums.period_grain
            and lasting.period_start = now_sums.period_start
    left join index_sums as then_sums
        on
            lasting.dimension = then_sums.dimension
            and lasting.period_grain = then_sums.period_grain
            and lasting.compared_start = then_sums.period_start
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
