{#- Longer than others: each sum is a formula, the standard errors need the sums first,
   and the lower bounds rank every entity by three values. -#}
{%- set distribution = 'dimension, period_grain, period_start, measure' -%}
{%- set terms = ['relative_value', 'entity_count', 'member_count'] -%}
with

-- The relative value is the entity's value over the mean: every index is a mean of a
-- function of it, and exactly even entities give exactly 1. The spectrum is named each
-- time it is read, because DuckDB materialises a CTE that is used several times.
members as (
    select
        *,
        {{ relative_value(
            'entity_value', 'member_count', 'total_value', amount_decimals()
        ) }} as relative_value
    from {{ ref('int_value_spectrum') }}
    where membership = 'member' and total_value > 0
),

sums as (
    select
        {{ distribution }},
        max(member_count) as entity_count,
        sum(case when entity_value > 0 then entity_count else 0 end) as active_count,
        max(total_value) as total_value,
        {{ spectrum_sums() }},
        {% for percent in [50, 80] -%}
        {{ entities_to_percent(
            'entity_value', 'group_value', 'entities_above', 'value_above',
            'total_value', percent, amount_decimals()
        ) }} as entities_to_{{ percent }}pct,
        {% endfor -%}
        {{ mean_logarithm(*terms) }} as mean_logarithm,
        {{ mean_square_root(*terms) }} as mean_square_root,
        {{ mean_cube(*terms) }} as mean_cube,
        cast(sum(group_transactions) as bigint) as transaction_count,
        {{ transaction_hhi('group_squared', 'total_value') }} as transaction_hhi,
        {{ fourth_power_weight('group_squared', 'group_fourth') }}
            as fourth_power_weight,
        {{ pair_surplus(
            'entity_value', 'entity_count', 'group_squared', 'total_value'
        ) }} as pair_surplus,
        {{ own_order_share('entity_value', 'group_squared', 'total_value') }}
            as own_order_share,
        {{ rarity('entity_value', 'entity_count', 'group_squared') }} as rarity
    from members
    group by {{ distribution }}
),

spectrum as (
    select * from {{ ref('int_value_spectrum') }}
    where membership = 'member'
),

-- Each member's weight is the variance that its transactions carry (delta method).
weighted as (
    select
        spectrum.*,
        {{ variance_weight('spectrum.group_squared', 'spectrum.total_value') }}
            as variance_weight,
        {{ relative_value(
            'spectrum.entity_value', 'spectrum.member_count', 'spectrum.total_value',
            amount_decimals()
        ) }} as relative_value,
        {{ share_of('spectrum.entity_value', 'spectrum.total_value') }} as value_share,
        {{ hhi_of_sums('sums.relative_variance', 'sums.entity_count') }} as hhi,
        sums.cr1,
        sums.cr10,
        sums.gini,
        sums.theil_t
    from spectrum
    inner join sums on {{ same_keys('spectrum', 'sums', distribution) }}
),

errors as (
    select
        {{ distribution }},
        {{ hhi_se('value_share', 'hhi', 'variance_weight') }} as hhi_se,
        {{ concentration_ratio_se(
            'cr1', 'entity_count', 'entities_above', 'variance_weight', 1
        ) }} as cr1_se,
        {{ concentration_ratio_se(
            'cr10', 'entity_count', 'entities_above', 'variance_weight', 10
        ) }} as cr10_se,
        {{ gini_se(
            'gini', 'entity_count', 'member_count', 'entities_above', 'variance_weight'
        ) }} as gini_se,
        {{ shannon_se('relative_value', 'theil_t', 'variance_weight') }} as shannon_se
    from weighted
    group by {{ distribution }}
),

-- Where entities have few transactions, Gini has no interval.
estimated as (
    select
        {{ distribution }}
    from sums
    where
        transaction_hhi <= 1e0 / {{ var('transactions_to_estimate') }}
        and rarity <= {{ var('rarity_to_estimate_gini') }}
),

ranked as (
    select * from {{ ref('int_value_spectrum') }}
    where membership = 'member' and total_value > 0
),

-- All entities are needed only where Gini has an interval. For the ten largest, the
-- eleven largest are sufficient: an entity that falls below all of them has ten above
-- it.
contenders as (
    select
        ranked.dimension,
        ranked.period_grain,
        ranked.period_start,
        ranked.measure,
        cast(ranked.entity_value as double) as entity_value,
        ranked.entity_count,
        ranked.group_value,
        ranked.group_squared,
        ranked.entities_above as group_rank,
        sqrt(ranked.group_squared / ranked.entity_count) as own_error,
        ranked.member_count,
        ranked.total_value,
        estimated.measure is not null as has_gini
    from ranked
    left join estimated on {{ same_keys('ranked', 'estimated', distribution) }}
    where estimated.measure is not null or ranked.entities_above <= 10
),

-- Every entity appears with its value, to be counted; with its value without its own
-- mean order; and, for the largest, with its value minus one of its own errors.
places as (
    select
        *,
        entity_value as place,
        'value' as kind
    from contenders
    union all
    select
        *,
        {{ value_without_own_order('entity_value', 'entity_count', 'group_squared') }}
            as place,
        'order' as kind
    from contenders
    where entity_value > 0
    union all
    select
        *,
        entity_value * (1 - 1e-9) - own_error as place,
        'error' as kind
    from contenders
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
),

-- These are too low, just as the plain indices are too high.
floors as (
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
)

select
    sums.*,
    errors.hhi_se,
    errors.cr1_se,
    errors.cr10_se,
    errors.gini_se,
    errors.shannon_se,
    floors.cr1_floor,
    floors.cr1_contested,
    floors.cr10_floor,
    floors.cr10_contested,
    floors.gini_floor
from sums
left join errors on {{ same_keys('sums', 'errors', distribution) }}
left join floors on {{ same_keys('sums', 'floors', distribution) }}
