{#- Longer than others: it has the changes in values, and those in indices as a
    waterfall, with a first and a last bar in addition to its steps. -#}
{%- set change = 'dimension, measure, period_grain, comparison, period_start' -%}
{%- set yearly_size = 'abs(' ~ per_year('value_change', 'period_grain') ~ ')' -%}
with

coverage as (
    select * from {{ ref('int_period_coverage') }}
    where is_latest_complete
),

index_changes as (
    select * from {{ ref('concentration_changes') }}
    where
        measure = '{{ main_measure() }}'
        and is_comparable
        and hhi_change is not null
        and {{ is_business_dimension('dimension') }}
),

contributors as (
    select
        *,
        least(contribution_rank, 9) as position
    from {{ ref('change_contributors') }}
),

-- Dimensions that moved beyond noise come first. A quarter is long enough for evidence
-- and short enough to be recent.
choices as (
    select
        index_changes.*,
        row_number() over (
            partition by index_changes.dimension
            order by
                case when index_changes.direction in ('rose', 'fell') then 1 else 2 end,
                case index_changes.period_grain
                    when 'quarter' then 1
                    when 'month' then 2
                    else 3
                end,
                index_changes.comparison
        ) as choice
    from index_changes
    inner join coverage
        on {{ same_keys('index_changes', 'coverage', 'period_grain, period_start') }}
),

changes as (
    select
        *,
        {{ sentence(
            '{dimension:label}, {period_start:period} against {compared_start:period}'
        ) }} as change_name,
        {{ sentence(
            '{dimension}, {measure}, {period_grain}, {comparison}, {period_start:day}'
        ) }} as change_key,
        {{ sentence('HHI {compared_start:period}') }} as compared_words,
        {{ sentence('HHI {period_start:period}') }} as period_words,
        case direction
            when 'rose' then 'rose beyond noise'
            when 'fell' then 'fell beyond noise'
            else 'did not clearly change'
        end as direction_words
    from choices
    where choice = 1
),

-- The ninth step represents all others.
steps as (
    select
        changes.change_name,
        changes.change_key,
        changes.measure,
        contributors.position,
        max(contributors.entity_label) as entity_label,
        max(contributors.movement) as movement,
        case
            when contributors.position = 9
                then {{ exact_sum('contributors.contribution', 30) }}
            else max(contributors.contribution)
        end as contribution,
        {{ exact_sum('contributors.compared_share', 30) }} as compared_share,
        {{ exact_sum('contributors.value_share', 30) }} as value_share
    from changes
    inner join contributors on {{ same_keys('changes', 'contributors', change) }}
    group by
        changes.change_name,
        changes.change_key,
        changes.measure,
        contributors.position
),

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
union all
select
    {{ report_fact(
        section='changes',
        source='change_contributors.contribution',
        key='change_key',
        series='change_name',
        position='position',
        label="case when position = 9 then 'all others' else entity_label end",
        value='contribution',
        unit="'index'",
        state="case when position = 9 then 'rest' else movement end",
        detail=sentence(
            '{compared_share:percent} to {value_share:percent} of {measure:measure}'
        )
    ) }}
from steps
-- The value is the change in the counted HHI; the interval is around the change without
-- noise.
{% for position, label, column, interval, compared, state, detail in [
    (0, 'compared_words', 'compared_hhi', none, 'null', 'before', 'null'),
    (10, 'period_words', 'hhi', none, 'compared_hhi', 'after', 'null'),
    (11, "'Change'", 'hhi_change', 'change', 'null', 'change', 'direction_words'),
] -%}
union all
select
    {{ report_fact(
        section='changes',
        source='concentration_changes.' ~ column,
        key='change_key',
        series='change_name',
        position=position,
        label=label,
        value=column,
        unit="'index'",
        interval=interval,
        compared=compared,
        state="'" ~ state ~ "'",
        detail=detail
    ) }}
from changes
{% endfor %}
