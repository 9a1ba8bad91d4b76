{%- set dimensions = all_dimensions() | map(attribute='name') | list -%}
{#- A limit on a dimension that this export does not feed is no mistake. -#}
{%- for dimension in var('dimensions') -%}
{%- do dimensions.append(dimension.name) -%}
{%- endfor -%}

with

limits as (
    select * from {{ ref('concentration_limits') }}
),

scenarios as (
    select * from {{ ref('stress_scenarios') }}
),

mistakes as (
    select
        'limit' as kind,
        limit_id as row_id,
        case
            when
                dimension is null
                or measure is null
                or indicator is null
                or period_grain is null
                or direction is null
                or severity is null
                or warn_at is null
                or breach_at is null
                or source is null
                or owner is null
                or action is null
                then 'an empty column: only in_force_from and in_force_to may be'
            when dimension not in ('*', '{{ dimensions | unique | join("', '") }}')
                then concat('unknown dimension ', dimension)
            when measure not in ('{{ measures() | join("', '") }}')
                then concat('unknown measure ', measure)
            when
                indicator not in (
                    'entity_share', '{{ limit_indicators() | join("', '") }}'
                )
                then concat('unknown indicator ', indicator)
            when period_grain not in ('all', 'year', 'quarter', 'month')
                then concat('unknown period_grain ', period_grain)
            when direction not in ('above', 'below')
                then concat('unknown direction ', direction)
            when severity not in ('warn', 'error')
                then concat('unknown severity ', severity)
            when
                direction = 'above' and warn_at > breach_at
                or direction = 'below' and warn_at < breach_at
                then 'warn_at lies beyond breach_at'
        end as mistake
    from limits
    union all
    select
        'scenario' as kind,
        scenario_id as row_id,
        case
            when
                dimension is null
                or measure is null
                or kind is null
                or parameter is null
                or description is null
                then 'an empty column'
            when dimension not in ('{{ dimensions | unique | join("', '") }}')
                then concat('unknown dimension ', dimension)
            when measure not in ('{{ measures() | join("', '") }}')
                then concat('unknown measure ', measure)
            when kind not in ('top_count', 'top_percent', 'entity', 'hours')
                then concat('unknown kind ', kind)
            when
                kind in ('top_count', 'top_percent')
                and try_cast(parameter as double) is null
                then concat('parameter is no number: ', parameter)
            when
                kind = 'hours'
                and not {{ matches(
                    'parameter', '^([01]?\d|2[0-3])-([01]?\d|2[0-3])$'
                ) }}
                then concat('parameter is no window of hours, 0 to 23: ', parameter)
            when lost_share < 0 or lost_share > 1 or lost_share is null
                then 'lost_share is not from 0 to 1'
        end as mistake
    from scenarios
)

select
    kind,
    row_id,
    concat(kind, ' ', row_id, ': ', mistake) as message
from mistakes
where mistake is not null
