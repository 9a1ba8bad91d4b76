{%- set slack = '1e-9' -%}

-- These relations hold for any data. A sum of doubles may differ in its last digits.
with

concentration_indices as (select * from {{ ref('concentration_indices') }}),

judged as (
    select
        *,
        case
            when
                hhi is null
                and (total_value > 0 or undefined_reason is null)
                then 'no HHI, and no reason'
            when
                undefined_reason is null
                and (
                    hhi_normalized is null
                    or gini_unbiased is null
                    or mld is null
                    or hhi_unbiased is null
                    or hhi_se is null
                )
                then 'an index is undefined without a reason'
            when
                hhi_expected_if_even is null and verdict != 'not_measurable'
                then 'a verdict without an expectation'
            when
                hhi < (1 - {{ slack }}) / entity_count or hhi > 1 + {{ slack }}
                then 'HHI is not between 1/n and 1'
            when gini < -{{ slack }} or gini >= 1 then 'Gini is not between 0 and 1'
            when
                cr1 <= 0
                or cr1 > cr4
                or cr4 > cr5
                or cr5 > cr10
                or cr10 > cr20
                or cr20 > 1
                then 'CR1 <= CR4 <= CR5 <= CR10 <= CR20 <= 1 does not hold'
            when
                top_1pct_share < cr1
                or top_1pct_share > top_5pct_share
                or top_5pct_share > top_10pct_share
                or top_10pct_share > top_20pct_share
                or top_20pct_share > 1
                then 'CR1 <= top 1% <= 5% <= 10% <= 20% <= 1 does not hold'
            when
                entities_to_50pct < 1
                or entities_to_50pct > entities_to_80pct
                or entities_to_80pct > entity_count
                then '1 <= entities to 50% <= entities to 80% <= n does not hold'
            when
                power(cr1, 2) > hhi + {{ slack }} or hhi > cr1 + {{ slack }}
                then 'CR1^2 <= HHI <= CR1 does not hold'
            when
                effective_number > effective_number_shannon * (1 + {{ slack }})
                or effective_number_shannon > entity_count * (1 + {{ slack }})
                then '1/HHI <= exp(entropy) <= n does not hold'
            when
                abs(hall_tideman * entity_count * (1 - gini) - 1) > {{ slack }}
                then 'Hall-Tideman is not 1/(n(1 - Gini))'
            when
                abs(theil_t - ln(entity_count) + shannon_entropy) > {{ slack }}
                then 'Theil is not ln(n) less entropy'
            when hoover > gini + {{ slack }} then 'Hoover exceeds Gini'
            when
                atkinson_05 > atkinson_1 + {{ slack }}
                then 'Atkinson falls with more aversion'
            when hhi_unbiased > hhi + {{ slack }} then 'hhi_unbiased exceeds hhi'
        end as broken_law
    from concentration_indices
)

select
    broken_law,
    dimension,
    period_grain,
    period_start,
    measure,
    entity_count,
    total_value,
    hhi,
    gini,
    cr1,
    verdict,
    undefined_reason
from judged
where broken_law is not null
