with

spectrum as (
    select * from {{ ref('int_value_spectrum') }}
    where standing = 'member' and entity_value > 0
),

entity_values as (
    select * from {{ ref('int_entity_values') }}
    where entity_key is not null
),

-- What an entity has to bring to be among the largest, read off the spectrum: the
-- entities themselves need no sorting.
floors as (
    select
        {% for measure in measures() -%}
        min(case when measure = '{{ measure }}' then entity_value end)
            as least_{{ measure }},
        max(case when measure = '{{ measure }}' then total_value end)
            as total_{{ measure }},
        {% endfor -%}
        dimension,
        period_grain,
        period_start
    from spectrum
    where entities_above + entity_count <= {{ var('leading_entities') }}
    group by dimension, period_grain, period_start
),

leading_entities as (
    select
        {% for measure in measures() -%}
        floors.least_{{ measure }},
        floors.total_{{ measure }},
        {% endfor -%}
        entity_values.*
    from entity_values
    inner join floors
        on
            entity_values.dimension = floors.dimension
            and entity_values.period_grain = floors.period_grain
            and entity_values.period_start = floors.period_start
            and (
                {%- for measure in measures() %}
                {{ 'or' if not loop.first }} entity_values.{{ measure }}
                >= floors.least_{{ measure }}
                {%- endfor %}
            )
)

{% for measure in measures() -%}
select
    dimension,
    '{{ measure }}' as measure,
    period_grain,
    entity_key,
    {{ share_of(measure, 'total_' ~ measure) }} as value_share,
    cast(total_{{ measure }} as double) as total_value,
    period_start
from leading_entities
where {{ measure }} >= least_{{ measure }}
{{ 'union all' if not loop.last }}
{% endfor %}
