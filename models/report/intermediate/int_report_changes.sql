{#- Longer than others: a waterfall has a first and a last bar beside its steps. -#}
with

changes as (
    select
        *,
        case direction
            when 'rose' then 'rose beyond noise'
            when 'fell' then 'fell beyond noise'
            else 'did not clearly change'
        end as direction_words
    from {{ ref('int_shown_changes') }}
),

contributors as (
    select
        *,
        least(contribution_rank, 9) as position
    from {{ ref('change_contributors') }}
),

steps as (
    select
        changes.change_name,
        changes.change_key,
        contributors.position,
        case
            when contributors.position = 9 then 'all others'
            else max(contributors.entity_label)
        end as label,
        case
            when contributors.position = 9
                then {{ exact_sum('contributors.contribution', 30) }}
            else max(contributors.contribution)
        end as contribution,
        case
            when contributors.position = 9 then 'rest'
            else max(contributors.movement)
        end as movement,
        concat(
            {{ percent_words(exact_sum('contributors.compared_share', 30)) }}, ' to ',
            {{ percent_words(exact_sum('contributors.value_share', 30)) }}, ' of ',
            {{ measure_words('changes.measure') }}
        ) as detail
    from changes
    inner join contributors
        on {{ same_keys(
            'changes', 'contributors',
            'dimension, measure, period_grain, comparison, period_start'
        ) }}
    group by
        changes.change_name,
        changes.change_key,
        changes.measure,
        contributors.position
)

select
    'changes' as section,
    change_name as series,
    position,
    label,
    contribution as fact_value,
    'index' as unit,
    cast(null as double) as interval_low,
    cast(null as double) as interval_high,
    cast(null as double) as comparison_value,
    movement as state,
    detail,
    'change_contributors' as source_model,
    'contribution' as source_column,
    change_key as source_key
from steps
-- What was counted moved so much; the interval is around what is free of noise.
{% for position, label, column, interval, compared, state, detail in [
    (0, "concat('HHI ', compared_name)", 'compared_hhi', none, none, 'before', none),
    (10, "concat('HHI ', period_name)", 'hhi', none, 'compared_hhi', 'after', none),
    (11, "'Change'", 'hhi_change', 'change', none, 'change', 'direction_words'),
] -%}
union all
select
    'changes' as section,
    change_name as series,
    {{ position }} as position,
    {{ label }} as label,
    {{ column }} as fact_value,
    'index' as unit,
    cast({{ interval ~ '_low' if interval else 'null' }} as double) as interval_low,
    cast({{ interval ~ '_high' if interval else 'null' }} as double) as interval_high,
    cast({{ compared or 'null' }} as double) as comparison_value,
    '{{ state }}' as state,
    cast({{ detail or 'null' }} as string) as detail,
    'concentration_changes' as source_model,
    '{{ column }}' as source_column,
    change_key as source_key
from changes
{% endfor %}
