-- Which dimensions are more concentrated than chance would make them?
-- Only these are worth a limit; compare them by hhi_normalized, not by the share of the
-- largest, as that depends on how many there are.
select
    dimension,
    entity_count,
    cr1,
    effective_number,
    hhi_normalized,
    even_z
from {{ ref('concentration_indices') }}
where period_grain = 'all' and measure = 'revenue' and verdict = 'concentrated'
order by hhi_normalized desc, dimension
