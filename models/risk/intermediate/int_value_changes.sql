with

value_pairs as (
    select * from {{ ref('int_value_pairs') }}
),

dispersions as (
    select * from {{ ref('int_entity_dispersions') }}
),

-- What came in at the same rate a day, against the squares of the orders of both sides,
-- and against how much more the entity has varied than independent orders do.
measured as (
    select
        value_pairs.*,
        coalesce(dispersions.dispersion, 1) as dispersion,
        coalesce(dispersions.daily_orders, 0) * value_pairs.day_count
            as expected_orders,
        value_pairs.entity_value
        - value_pairs.length_ratio * value_pairs.compared_value as rate_change,
        sqrt(
            coalesce(dispersions.dispersion, 1) * (
                value_pairs.value_squares
                + {{ squared('value_pairs.length_ratio') }}
                * value_pairs.compared_squares
            )
        ) as change_se
    from value_pairs
    left join dispersions
        on
            value_pairs.dimension = dispersions.dimension
            and value_pairs.entity_id = dispersions.entity_id
),

scored as (
    select
        *,
        rate_change / nullif(change_se, 0) as change_z
    from measured
),

tested as (
    select
        *,
        {{ two_sided_p(
            normal_score('change_z', var('dispersion_degrees_of_freedom'))
        ) }} as change_p
    from scored
)

-- Where nothing came in at all, all months before say how likely that was.
select
    *,
    case
        when value_squares = 0 and compared_squares > 0
            then least(change_p, 2 * exp(-expected_orders / dispersion))
        else change_p
    end as p_value
from tested
