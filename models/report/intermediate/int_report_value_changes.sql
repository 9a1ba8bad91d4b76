{%- set yearly_size = 'abs(' ~ per_year('value_change', 'period_grain') ~ ')' -%}
with

-- Of the month, quarter and year, the one with the most money per year is shown.
clearest as (
    select
        *,
        row_number() over (
            partition by dimension, entity_id
            order by comparison, {{ yearly_size }} desc, period_grain
        ) as priority
    from {{ ref('value_changes') }}
    where is_beyond_chance and movement != 'unchanged'
),

ordered as (
    select
        *,
        row_number() over (
            order by {{ yearly_size }} desc, dimension, entity_id
        ) as position
    from clearest
    where priority = 1
)

select
    {{ report_fact(
        section='value_changes',
        source='value_changes.value_change',
        key="concat_ws(', ', dimension, period_grain, comparison, "
            ~ "nullif(entity_id, ''))",
        position='position',
        label=clauses('', [
            ("dimension = 'total'", 'All {measure:measure}'),
            ("dimension != 'total'", '{dimension:label} {entity_label}'),
            ('true', ', {period_start:period} against {compared_start:period}'),
        ]),
        value='value_change',
        unit="case when measure = 'revenue' then 'money' else 'count' end",
        compared='compared_value',
        state="replace(movement, '_', ' ')",
        detail=sentence('{compared_value:amount} to {entity_value:amount}')
    ) }}
from ordered
where position <= 20
