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
)

select
    *,
    {{ two_sided_p(normal_score('change_z', var('dispersion_degrees_of_freedom'))) }}
        as p_value
from scored
