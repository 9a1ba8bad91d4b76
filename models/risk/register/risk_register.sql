{#- Longer than others: it also finds an index that moved and writes its sentence. -#}
{%- set pair = 'period_grain, comparison, period_start' -%}
with

limits as (select * from {{ ref('int_register_limits') }}),
changes as (select * from {{ ref('int_register_changes') }}),

index_changes as (
    select * from {{ ref('concentration_changes') }}
    where
        measure = '{{ main_measure() }}'
        and direction in ('rose', 'fell')
        and abs(hhi_change) >= {{ var('register_hhi_change') }} * compared_hhi
        and {{ is_business_dimension('dimension') }}
),

comparisons as (
    select * from {{ ref('int_period_comparisons') }}
    where is_comparable and is_latest_complete
),

contributors as (
    select * from {{ ref('change_contributors') }}
    where contribution_rank = 1 and entity_id is not null
),

-- The sentence about a limit also says how its entity rose.
own_changes as (
    select changes.*
    from changes
    left join limits
        on
            {{ same_keys('changes', 'limits', 'dimension, entity_id, measure') }}
            and changes.status = 'rose'
    where limits.dimension is null
),

-- An entity that moved says more than the index that moved with it.
change_findings as (
    select count(*) as finding_count from {{ ref('value_changes') }}
    where finding_rank is not null
),

latest as (
    select
        index_changes.*,
        contributors.entity_id,
        contributors.entity_label,
        contributors.value_share,
        contributors.compared_share,
        comparisons.year_start,
        bool_or(index_changes.comparison = 'year_earlier') over (
            partition by
                index_changes.dimension,
                index_changes.period_grain,
                index_changes.direction
        ) as has_moved_in_year
    from index_changes
    inner join comparisons
        on {{ same_keys('index_changes', 'comparisons', pair) }}
    inner join change_findings on change_findings.finding_count = 0
    left join contributors
        on {{ same_keys(
            'index_changes', 'contributors', 'dimension, measure, ' ~ pair
        ) }}
),

-- It must be beyond the season, and is reported once: customers and products come
-- before their attributes.
ordered as (
    select
        *,
        row_number() over (
            order by
                case dimension when 'customer' then 1 when 'product' then 2 else 3 end,
                comparison,
                p_value,
                dimension,
                period_grain
        ) as priority
    from latest
    where has_moved_in_year or year_start is null
),

shifts as (
    select
        concat(
            {{ sentence('{dimension:label}: ') }},
            case direction when 'rose' then 'more' else 'less' end,
            {{ sentence(
                ' concentrated in {period_start:period} '
                ~ 'than in {compared_start:period}, '
                ~ 'HHI {hhi:index} after {compared_hhi:index}'
            ) }}
        ) as headline,
        case
            when entity_id is not null
                then {{ sentence(
                    'mostly because of {entity_label}, {compared_share:percent} '
                    ~ 'to {value_share:percent} of {measure:measure}'
                ) }}
        end as details,
        'shifted' as status,
        dimension,
        entity_id,
        entity_label,
        measure,
        'See change_contributors for the entities that moved it' as what_to_do,
        'beyond noise' as confidence,
        'concentration_changes' as evidence_model,
        concat(dimension, ', ', period_grain, ', ', comparison) as evidence_key,
        cast(null as double) as money_at_risk,
        cast(null as string) as money_basis,
        period_start
    from ordered
    where priority = 1
),

entries as (
    select * from limits
    union all
    select * from own_changes
    union all
    select * from shifts
)

select
    cast(row_number() over (
        order by money_at_risk desc nulls last, evidence_model, evidence_key
    ) as integer) as register_rank,
    concat_ws('; ', headline, details) as title,
    headline,
    details,
    status,
    dimension,
    entity_id,
    entity_label,
    measure,
    what_to_do,
    confidence,
    evidence_model,
    evidence_key,
    money_at_risk,
    money_basis,
    period_start
from entries
