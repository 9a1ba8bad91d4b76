{#- Longer than others: it ranks every entity by three values. -#}
{%- set distribution = 'dimension, period_grain, period_start, measure' -%}
with

estimated as (
    select
        {{ distribution }}
    from {{ ref('int_index_sums') }}
    where
        transaction_hhi <= 1e0 / {{ var('transactions_to_estimate') }}
        and rarity <= {{ var('rarity_to_estimate_gini') }}
),

spectrum as (
    select * from {{ ref('int_value_spectrum') }}
    where membership = 'member' and total_value > 0
),

-- All entities are needed only where Gini has an interval. For the ten largest, the
-- eleven largest are sufficient: an entity that falls below all of them has ten above
-- it.
members as (
    select
        spectrum.dimension,
        spectrum.period_grain,
        spectrum.period_start,
        spectrum.measure,
        cast(spectrum.entity_value as double) as entity_value,
        spectrum.entity_count,
        spectrum.group_value,
        spectrum.group_squared,
        spectrum.entities_above as group_rank,
        sqrt(spectrum.group_squared / spectrum.entity_count) as own_error,
        spectrum.member_count,
        spectrum.total_value,
        estimated.measure is not null as has_gini
    from spectrum
    left join estimated
        on {{ same_keys('spectrum', 'estimated', distribution) }}
    where estimated.measure is not null or spectrum.entities_above <= 10
),

-- Every entity appears with its value, to be counted; with its value without its own
-- mean order; and, for the largest, with its value minus one of its own errors.
places as (
    select
        *,
        entity_value as place,
        'value' as kind
    from members
    union all
    select
        *,
        {{ value_without_own_order('entity_value', 'entity_count', 'group_squared') }}
            as place,
        'order' as kind
    from members
    where entity_value > 0
    union all
    select
        *,
        entity_value * (1 - 1e-9) - own_error as place,
        'error' as kind
    from members
    where entity_value > 0 and group_rank < 10
),

-- The entities above each one are the others with a larger value. It is itself among
-- the entities that have that value.
counted as (
    select
        {{ distribution }},
        kind,
        entity_count as group_size,
        group_rank,
        member_count,
        total_value,
        has_gini,
        case when kind = 'order' then group_value else 0 end as group_value,
        case
            when kind = 'error' then own_error / cast(total_value as double) else 0
        end as own_error,
        sum(case when kind = 'value' then entity_count else 0 end) over (
            partition by {{ distribution }}
            order by place desc, kind desc
            rows between unbounded preceding and current row
        ) - 1 as entities_above
    from places
)

select
    {{ distribution }},
    {% for k in [1, 10] -%}
    {{ concentration_ratio_without_own_order(
        'group_value', 'entities_above', 'total_value', k
    ) }} as cr{{ k }}_floor,
    {{ contested_errors(
        'own_error', 'group_size', 'group_rank', 'entities_above', k
    ) }} as cr{{ k }}_contested,
    {% endfor -%}
    case
        when min(cast(has_gini as integer)) = 1
            then {{ gini_without_own_order(
                'group_value', 'member_count', 'entities_above', 'total_value'
            ) }}
    end as gini_floor
from counted
where kind != 'value'
group by {{ distribution }}
