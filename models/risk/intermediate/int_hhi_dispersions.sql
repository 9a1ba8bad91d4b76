with

indices as (
    select * from {{ ref('concentration_indices') }}
    where period_grain = 'month'
),

months as (
    select * from {{ ref('int_period_coverage') }}
    where period_grain = 'month' and is_complete
),

bends as (
    select
        indices.dimension,
        indices.measure,
        {{ squared_bend('indices.hhi_unbiased', squared('indices.hhi_se'), 'along') }}
            as squared_bend
    from indices
    inner join months on indices.period_start = months.period_start
    window along as (
        partition by indices.dimension, indices.measure
        order by indices.period_start
    )
)

select
    dimension,
    measure,
    {{ dispersion('squared_bend') }} as dispersion
from bends
group by dimension, measure
