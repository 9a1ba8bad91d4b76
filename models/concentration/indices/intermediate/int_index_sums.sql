with

spectrum as (
    select * from {{ ref('int_value_spectrum') }}
),

-- The relative value is the entity's value over the mean: every index is a mean of a
-- function of it, and exactly even entities give exactly 1.
members as (
    select
        *,
        {{ relative_value() }} as relative_value
    from spectrum
    where membership = 'member' and total_value > 0
),

sums as (
    select
        dimension,
        period_grain,
        period_start,
        measure,
        max(member_count) as entity_count,
        sum(case when entity_value > 0 then entity_count else 0 end) as active_count,
        max(total_value) as total_value,
        {% for k in [1, 4, 5, 10, 20] -%}
        {{ concentration_ratio(k) }} as cr{{ k }},
        {% endfor -%}
        {% for percent in [1, 5, 10, 20] -%}
        {{ concentration_ratio(top_percent_count(percent)) }}
            as top_{{ percent }}pct_share,
        {% endfor -%}
        {% for percent in [50, 80] -%}
        {{ entities_to_percent(percent) }} as entities_to_{{ percent }}pct,
        {% endfor -%}
        {{ relative_variance() }} as relative_variance,
        {{ shannon_entropy() }} as shannon_entropy,
        {{ gini_of_spectrum() }} as gini,
        {{ rank_weighted_share() }} as rank_weighted_share,
        {{ theil_t() }} as theil_t,
        {{ mean_logarithm() }} as mean_logarithm,
        {{ mean_deviation() }} as mean_deviation,
        {{ mean_square_root() }} as mean_square_root,
        {{ mean_cube() }} as mean_cube,
        cast(sum(group_transactions) as bigint) as transaction_count,
        {{ transaction_hhi() }} as transaction_hhi,
        {{ fourth_power_weight() }} as fourth_power_weight,
        {{ pair_surplus() }} as pair_surplus,
        {{ own_order_share() }} as own_order_share,
        {{ rarity() }} as rarity
    from members
    group by dimension, period_grain, period_start, measure
)

select * from sums
