with

changes as (
    select * from {{ ref('concentration_changes') }}
    where
        measure = '{{ main_measure() }}'
        and direction in ('rose', 'fell')
        and abs(hhi_change) >= {{ var('register_hhi_change') }} * compared_hhi
        and {{ is_open_dimension('dimension') }}
),

comparisons as (
    select * from {{ ref('int_period_comparisons') }}
    where is_comparable and is_latest_complete
),

contributors as (
    select * from {{ ref('change_contributors') }}
    where contribution_rank = 1 and entity_id is not null
),

-- An entity that moved says more than the index that it moved.
change_findings as (
    select count(*) as finding_count from {{ ref('int_change_findings') }}
),

latest as (
    select
        changes.*,
        contributors.entity_id,
        contributors.entity_label,
        contributors.value_share,
        contributors.compared_share
    from changes
    inner join comparisons
        on
            changes.period_grain = comparisons.period_grain
            and changes.comparison = comparisons.comparison
            and changes.period_start = comparisons.period_start
    inner join change_findings on change_findings.finding_count = 0
    left join contributors
        on
            changes.dimension = contributors.dimension
            and changes.measure = contributors.measure
            and changes.period_grain = contributors.period_grain
            and changes.comparison = contributors.comparison
            and changes.period_start = contributors.period_start
),

year_pairs as (
    select * from comparisons
    where comparison = 'year_earlier'
),

year_changes as (
    select * from latest
    where comparison = 'year_earlier'
),

-- Beyond the season, and once: customers and products before what they have in common.
ordered as (
    select
        latest.*,
        row_number() over (
            order by
                case latest.dimension
                    when 'customer' then 1
                    when 'product' then 2
                    else 3
                end,
                latest.comparison,
                latest.p_value,
                latest.dimension,
                latest.period_grain
        ) as priority
    from latest
    left join year_pairs on latest.period_grain = year_pairs.period_grain
    left join year_changes
        on
            latest.dimension = year_changes.dimension
            and latest.period_grain = year_changes.period_grain
            and latest.direction = year_changes.direction
    where
        latest.comparison = 'year_earlier'
        or year_pairs.period_grain is null
        or year_changes.period_grain is not null
)

select
    concat(
        {{ dimension_label('dimension') }}, ': ',
        case direction when 'rose' then 'more' else 'less' end,
        ' concentrated in ', {{ period_words('period_grain', 'period_start') }},
        ' than in ', {{ period_words('period_grain', 'compared_start') }}, ', HHI ',
        {{ index_words('hhi') }}, ' after ', {{ index_words('compared_hhi') }}
    ) as headline,
    case
        when entity_id is not null
            then concat(
                    'the most of it by ', entity_label, ', ',
                    {{ percent_words('compared_share') }}, ' to ',
                    {{ percent_words('value_share') }}, ' of ',
                    {{ measure_words('measure') }}
                )
    end as details,
    'shifted' as status,
    dimension,
    entity_id,
    entity_label,
    measure,
    'Look at who moved it in change_contributors' as what_to_do,
    'beyond noise' as confidence,
    'concentration_changes' as evidence_model,
    concat(dimension, ', ', period_grain, ', ', comparison) as evidence_key,
    cast(null as double) as money_at_risk,
    cast(null as string) as money_basis,
    false as has_risen,
    period_start
from ordered
where priority = 1
