-- Which dimensions are concentrated beyond chance, and by enough to matter?
-- The most concentrated come first; given enough rows, even a negligible excess is
-- beyond chance.
select
    dimension,
    entity_count,
    cr1,
    effective_number,
    excess_level,
    excess_over_even,
    excess_over_even_low,
    excess_over_even_high
from {{ ref('concentration_indices') }}
where
    period_grain = 'all'
    and measure = 'revenue'
    and verdict = 'concentrated'
    and excess_level != 'negligible'
order by excess_over_even desc, dimension
