{%- set dimensions = all_dimensions() | map(attribute='name') | list -%}
{#- A limit on a dimension that this export does not feed is not a mistake. -#}
{%- for dimension in var('dimensions') -%}
{%- do dimensions.append(dimension.name) -%}
{%- endfor -%}
{%- set dimensions = dimensions | unique | list -%}
{%- set known_to_limits = {
    'dimension': ['*'] + dimensions,
    'measure': measures(),
    'indicator': ['entity_share'] + limit_indicators(),
    'period_grain': ['all', 'year', 'quarter', 'month'],
    'direction': ['above', 'below'],
    'severity': ['warn', 'error']
} -%}
{%- set known_to_scenarios = {
    'dimension': dimensions,
    'measure': measures(),
    'kind': ['top_count', 'top_percent', 'entity', 'hours']
} -%}

with

limits as (
    {{ rules('limits', ref('concentration_limits')) }}
),

scenarios as (
    {{ rules('scenarios', ref('stress_scenarios')) }}
),

numbered as (
    select
        *,
        row_number() over (order by scenario_id) as scenario_number
    from scenarios
),

mistakes as (
    select
        'limit' as kind,
        limit_id as row_id,
        {{ text_literal(source_of_rows('limits')) }} as standing_in,
        case
            {%- for column in [
                'dimension', 'measure', 'indicator', 'period_grain', 'direction',
                'severity', 'warn_at', 'breach_at', 'source', 'owner', 'action'
            ] %}
            when {{ column }} is null then '{{ column }} is empty; fill it in'
            {%- endfor %}
            {%- for column, known in known_to_limits.items() %}
            {%- set remedy = '; known: ' ~ known | join(', ') %}
            when {{ column }} not in ('{{ known | join("', '") }}')
                then concat('unknown {{ column }} ', {{ column }}, '{{ remedy }}')
            {%- endfor %}
            when
                direction = 'above' and warn_at > breach_at
                or direction = 'below' and warn_at < breach_at
                then 'warn_at lies beyond breach_at; exchange them, or the direction'
        end as mistake
    from limits
    union all
    select
        'scenario' as kind,
        scenario_id as row_id,
        {{ text_literal(source_of_rows('scenarios')) }} as standing_in,
        case
            {%- for column in [
                'dimension', 'measure', 'kind', 'parameter', 'lost_share', 'description'
            ] %}
            when {{ column }} is null then '{{ column }} is empty; fill it in'
            {%- endfor %}
            {%- for column, known in known_to_scenarios.items() %}
            {%- set remedy = '; known: ' ~ known | join(', ') %}
            when {{ column }} not in ('{{ known | join("', '") }}')
                then concat('unknown {{ column }} ', {{ column }}, '{{ remedy }}')
            {%- endfor %}
            when
                kind in ('top_count', 'top_percent')
                and try_cast(parameter as double) is null
                then concat('parameter must be a number, such as 10, not ', parameter)
            when
                kind = 'hours'
                and not {{ matches(
                    'parameter', '^([01]?\d|2[0-3])-([01]?\d|2[0-3])$'
                ) }}
                then concat('parameter must be hours, such as 22-2, not ', parameter)
            when lost_share < 0 or lost_share > 1
                then concat('lost_share must be from 0 to 1, not ', lost_share)
            when scenario_number > {{ most_bits() }}
                then 'more than {{ most_bits() }} scenarios; leave this one out'
        end as mistake
    from numbered
)

select
    kind,
    row_id,
    concat(standing_in, ': ', kind, ' ', row_id, ': ', mistake) as message
from mistakes
where mistake is not null
