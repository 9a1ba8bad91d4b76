{%- set whole = 'dimension, group_dimension, period_grain, period_start, measure' -%}
{%- set group = whole ~ ', group_id' -%}
with

spectrum as (
    select
        *,
        {{ relative_value(
            'entity_value', 'member_count', 'total_value', amount_decimals()
        ) }} as relative_value
    from {{ ref('int_group_spectrum') }}
),

-- Windows are over the groups: their sums are those of the whole.
groups as (
    select
        {{ group }},
        max(member_count) as entity_count,
        sum(max(member_count)) over whole as all_entities,
        max(total_value) as group_value,
        {{ share_of('max(total_value)', 'sum(max(total_value)) over whole') }}
            as group_share,
        {{ relative_variance('relative_value', 'entity_count', 'member_count') }}
            as relative_variance,
        {{ theil_t('relative_value', 'entity_count', 'member_count') }} as group_theil
    from spectrum
    group by {{ group }}
    window whole as (partition by {{ whole }})
)

-- Between is what would remain if all entities of a group were equal; within, the rest.
select
    {{ group }},
    cast(entity_count as bigint) as entity_count,
    cast(group_value as {{ money_sum_type() }}) as group_value,
    group_share,
    {{ hhi_of_sums('relative_variance', 'entity_count') }} as group_hhi,
    group_theil,
    {{ squared('group_share') }} / entity_count as hhi_between,
    {{ squared('group_share') }} * relative_variance / entity_count as hhi_within,
    group_share * ln(group_share * all_entities / entity_count) as theil_between,
    group_share * group_theil as theil_within
from groups
