{%- set group = 'dimension, group_dimension, group_id, period_grain, period_start, '
    ~ 'measure' -%}
with

spectrum as (
    select
        *,
        {{ relative_value(
            'entity_value', 'member_count', 'total_value', amount_decimals()
        ) }} as relative_value
    from {{ ref('int_group_spectrum') }}
),

inside as (
    select
        {{ group }},
        max(member_count) as entity_count,
        max(total_value) as group_value,
        {{ relative_variance('relative_value', 'entity_count', 'member_count') }}
            as relative_variance,
        {{ theil_t('relative_value', 'entity_count', 'member_count') }} as group_theil
    from spectrum
    group by {{ group }}
),

shared as (
    select
        *,
        sum(entity_count) over whole as all_entities,
        {{ share_of('group_value', 'sum(group_value) over whole') }} as group_share
    from inside
    window
        whole as (
            partition by dimension, group_dimension, period_grain, period_start, measure
        )
),

-- Between is the part that would remain if all entities of a group were equal. Within
-- is the rest.
split as (
    select
        *,
        {{ hhi_of_sums('relative_variance', 'entity_count') }} as group_hhi,
        {{ squared('group_share') }} / entity_count as hhi_between,
        {{ squared('group_share') }} * relative_variance / entity_count as hhi_within,
        group_share * ln(group_share * all_entities / entity_count) as theil_between,
        group_share * group_theil as theil_within
    from shared
)

select
    {{ group }},
    cast(entity_count as bigint) as entity_count,
    cast(group_value as {{ money_sum_type() }}) as group_value,
    group_share,
    group_hhi,
    group_theil,
    hhi_between,
    hhi_within,
    theil_between,
    theil_within
from split
