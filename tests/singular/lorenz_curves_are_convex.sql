-- The smallest come first, so each step climbs at least as steeply as the one before.
-- Up to a hundred entities, the curve is exact, and the area below it gives Gini.
with

lorenz_curves as (select * from {{ ref('lorenz_curves') }}),
concentration_indices as (select * from {{ ref('concentration_indices') }}),

steps as (
    select
        *,
        entity_share - lag(entity_share) over curve as step_width,
        value_share - lag(value_share) over curve as step_height,
        value_share + lag(value_share) over curve as step_ends
    from lorenz_curves
    window
        curve as (
            partition by dimension, period_grain, period_start, measure
            order by point_number
        )
),

slopes as (
    select
        *,
        step_height / nullif(step_width, 0) as slope,
        lag(step_height / nullif(step_width, 0)) over (
            partition by dimension, period_grain, period_start, measure
            order by point_number
        ) as slope_before
    from steps
),

curves as (
    select
        dimension,
        period_grain,
        period_start,
        measure,
        count(*) as point_count,
        max(case when point_number = 0 then entity_share + value_share end)
            as first_shares,
        max(case when entity_share = 1 then value_share end) as last_share,
        max(entity_count) as last_count,
        max(slope_before - slope) as largest_bend,
        1 - sum(step_width * step_ends) as area_gini
    from slopes
    group by dimension, period_grain, period_start, measure
),

judged as (
    select
        curves.*,
        concentration_indices.entity_count,
        concentration_indices.gini,
        case
            when curves.dimension is null then 'there is no curve'
            when
                curves.first_shares is null or curves.first_shares != 0
                then 'it does not start at (0, 0)'
            when
                curves.last_share is null or curves.last_share != 1
                then 'it does not end at (1, 1)'
            when
                curves.last_count != concentration_indices.entity_count
                then 'it does not hold all entities'
            when
                curves.point_count != least(concentration_indices.entity_count, 100) + 1
                then 'points are missing'
            when curves.largest_bend > 1e-9 then 'it bends down'
            when
                concentration_indices.entity_count <= 100
                and abs(curves.area_gini - concentration_indices.gini) > 1e-9
                then 'the area is not that of Gini'
            when
                curves.area_gini > concentration_indices.gini + 1e-9
                then 'its area is larger than that of the exact curve'
        end as finding
    from concentration_indices
    left join curves
        on
            concentration_indices.dimension = curves.dimension
            and concentration_indices.period_grain = curves.period_grain
            and concentration_indices.period_start = curves.period_start
            and concentration_indices.measure = curves.measure
    where
        concentration_indices.period_grain in ('all', 'year')
        and concentration_indices.total_value > 0
)

select * from judged
where finding is not null
