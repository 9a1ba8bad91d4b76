with

candidates as (
    select * from {{ ref('int_change_candidates') }}
),

-- The same change seen in the month, the quarter and the year is one thing: where it
-- would cost or bring most in a year, it speaks; against the period before rather than
-- the year before.
ordered as (
    select
        *,
        row_number() over (
            partition by dimension, direction
            order by comparison, abs(yearly_change) desc, period_grain, entity_id
        ) as priority
    from candidates
),

speakers as (
    select * from ordered
    where priority = 1
),

-- Who else of the dimension moved the same way in the same periods.
others as (
    select
        speakers.dimension,
        speakers.direction,
        count(*) as other_count,
        {{ joined_texts(
            'candidates.entity_label', 'abs(candidates.value_change)'
        ) }} as other_entities
    from speakers
    inner join candidates
        on
            speakers.dimension = candidates.dimension
            and speakers.direction = candidates.direction
            and speakers.period_grain = candidates.period_grain
            and speakers.comparison = candidates.comparison
            and speakers.entity_id != candidates.entity_id
    group by speakers.dimension, speakers.direction
)

select
    speakers.dimension,
    speakers.direction,
    speakers.measure,
    speakers.period_grain,
    speakers.comparison,
    speakers.entity_id,
    speakers.entity_label,
    speakers.movement,
    others.other_entities,
    speakers.entity_value,
    speakers.compared_value,
    speakers.value_change,
    speakers.yearly_change,
    speakers.value_share,
    speakers.compared_share,
    speakers.effective_transactions,
    speakers.dispersion,
    speakers.q_value,
    speakers.period_start,
    speakers.compared_start,
    speakers.first_month,
    speakers.mostly_since
from speakers
left join others
    on
        speakers.dimension = others.dimension
        and speakers.direction = others.direction
