{#- Longer than others: each sum is a formula, and the standard errors need the sums
   first. -#}
{%- set distribution = 'dimension, period_grain, period_start, measure' -%}
{%- set terms = ['relative_value', 'entity_count', 'member_count'] -%}
with

spectrum as (select * from {{ ref('int_value_spectrum') }}),

-- The relative value is the entity's value over the mean: every index is a mean of a
-- function of it, and exactly even entities give exactly 1.
members as (
    select
        *,
        {{ relative_value(
            'entity_value', 'member_count', 'total_value', amount_decimals()
        ) }} as relative_value
    from spectrum
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

indices as (
    select
        {{ distribution }},
        {{ hhi_of_sums('relative_variance', 'entity_count') }} as hhi,
        cr1,
        cr10,
        gini,
        theil_t
    from sums
),

-- The table is named a second time, because DuckDB materialises a CTE that is used
-- several times.
spectrum_of_members as (
    select * from {{ ref('int_value_spectrum') }}
    where membership = 'member'
),

-- Each member's weight is the variance that its transactions carry (delta method).
weighted as (
    select
        spectrum_of_members.*,
        {{ variance_weight('group_squared', 'total_value') }} as variance_weight,
        {{ relative_value(
            'entity_value', 'member_count', 'total_value', amount_decimals()
        ) }} as relative_value,
        {{ share_of('entity_value', 'total_value') }} as value_share,
        indices.hhi,
        indices.cr1,
        indices.cr10,
        indices.gini,
        indices.theil_t
    from spectrum_of_members
    inner join indices
        on {{ same_keys('spectrum_of_members', 'indices', distribution) }}
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
)

select
    sums.*,
    errors.hhi_se,
    errors.cr1_se,
    errors.cr10_se,
    errors.gini_se,
    errors.shannon_se
from sums
left join errors on {{ same_keys('sums', 'errors', distribution) }}
