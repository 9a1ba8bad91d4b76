{#- Longer than others: a waterfall has a first and a last bar beside its steps. -#}
with

changes as (
    select
        *,
        concat('HHI ', compared_name) as compared_words,
        concat('HHI ', period_name) as period_words,
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
    {{ report_fact(
        section='changes',
        source='change_contributors.contribution',
        key='change_key',
        series='change_name',
        position='position',
        label='label',
        value='contribution',
        unit="'index'",
        state='movement',
        detail='detail'
    ) }}
from steps
-- What was counted moved so much; the interval is around what is free of noise.
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
