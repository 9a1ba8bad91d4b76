{# The formulas, each written once, as expressions over one group of the value spectrum:

     entity_value    the value that the entities of the group share
     entity_count    the number of entities that have it
     group_value     the sum of their values
     group_squared, group_fourth  the sums of the squares and fourth powers of their transactions
     group_transactions           the number of their transactions
     entities_above  the number of entities with a larger value
     value_above     the sum of the values of those entities
     member_count    n; total_value is T, and relative_value is r = x * n / T

   Sources, bounds and edge rules are in _indices.yml. #}


{# --- the terms -------------------------------------------------------------------- #}

{# In whole units of the last decimal, so that even entities give exactly 1. #}
{% macro relative_value() -%}
    {%- set unit = '1e' ~ amount_decimals() -%}
    round(cast(entity_value as double) * {{ unit }}) * member_count
    / round(cast(total_value as double) * {{ unit }})
{%- endmacro %}

{# The mean of a function of r over the n entities. #}
{% macro mean_over_entities(expression) -%}
    {{ exact_sum('entity_count * (' ~ expression ~ ') / member_count') }}
{%- endmacro %}

{# How many of the group's entities are among the k largest. #}
{% macro entities_taken(k) -%}
    least(entity_count, greatest({{ k }} - entities_above, 0))
{%- endmacro %}

{# ceil(n * percent / 100) without leaving whole numbers. #}
{% macro top_percent_count(percent) -%}
    ceil(member_count * {{ percent }} / 100.0)
{%- endmacro %}

{# The ascending rank of the group's entities, ties at their mean rank. #}
{% macro ascending_rank() -%}
    (member_count - entities_above - (entity_count - 1) / 2.0)
{%- endmacro %}


{# --- how much the largest hold ---------------------------------------------------- #}

{# Decimals are exact up to the division: all entities together have exactly 1. #}
{% macro concentration_ratio(k) -%}
    cast(sum(
        case
            when entities_above + entity_count <= {{ k }} then group_value
            when entities_above < {{ k }}
                then entity_value * cast({{ k }} - entities_above as integer)
            else 0
        end
    ) as double) / cast(max(total_value) as double)
{%- endmacro %}

{# The smallest number of entities that together reach a percentage of the total. It is computed in
   whole units of the last decimal, so that an exact quotient is not rounded up because of its
   residue. #}
{% macro entities_to_percent(percent) -%}
    {%- set unit = '1e' ~ amount_decimals() -%}
    cast(min(
        case
            when
                entity_value > 0
                and (value_above + group_value) * 100 >= total_value * {{ percent }}
                then entities_above + greatest(1, ceil(
                    round(
                        cast(total_value * {{ percent }} - value_above * 100 as double)
                        * {{ unit }}
                    )
                    / round(cast(entity_value * 100 as double) * {{ unit }})
                ))
        end
    ) as bigint)
{%- endmacro %}


{# --- sums over the entities ------------------------------------------------------- #}

{% macro relative_variance() -%}
    {{ mean_over_entities(squared('relative_value - 1')) }}
{%- endmacro %}

{% macro shannon_entropy() -%}
    {{ exact_sum(
        'case when entity_value > 0 then -entity_count * relative_value / member_count'
        ~ ' * ln(relative_value / member_count) else 0 end'
    ) }}
{%- endmacro %}

{% macro theil_t() -%}
    {{ mean_over_entities(
        'case when entity_value > 0 then relative_value * ln(relative_value) else 0 end'
    ) }}
{%- endmacro %}

{# NULL if any entity has a value of zero: its logarithm is minus infinity. #}
{% macro mean_logarithm() -%}
    case
        when min(entity_value) > 0
            then {{ mean_over_entities('case when entity_value > 0 then ln(relative_value) end') }}
    end
{%- endmacro %}

{% macro mean_deviation() -%}
    {{ mean_over_entities('abs(relative_value - 1)') }}
{%- endmacro %}

{% macro mean_square_root() -%}
    {{ mean_over_entities('sqrt(relative_value)') }}
{%- endmacro %}

{% macro mean_cube() -%}
    {{ mean_over_entities('relative_value * relative_value * relative_value') }}
{%- endmacro %}

{% macro gini_of_spectrum() -%}
    {{ exact_sum(
        'entity_count * relative_value * (2 * ' ~ ascending_rank()
        ~ ' - member_count - 1) / member_count'
    ) }} / max(member_count)
{%- endmacro %}

{# 2 * sum(rank * share) - 1 with descending ranks: the inverse of Hall-Tideman. #}
{% macro rank_weighted_share() -%}
    {{ mean_over_entities('relative_value * (2 * entities_above + entity_count)') }}
{%- endmacro %}


{# --- from the sums to the indices -------------------------------------------------- #}

{% macro hhi_of_sums() -%}
    least((1 + relative_variance) / entity_count, 1.0)
{%- endmacro %}

{% macro normalized_hhi_of_sums() -%}
    relative_variance / nullif(entity_count - 1, 0)
{%- endmacro %}

{% macro effective_number_of_sums() -%}
    greatest(entity_count / (1 + relative_variance), 1.0)
{%- endmacro %}

{% macro pielou_evenness() -%}
    case when active_count = 1 then 1.0 else shannon_entropy / nullif(ln(active_count), 0) end
{%- endmacro %}

{% macro gini_unbiased() -%}
    gini * entity_count / nullif(entity_count - 1, 0)
{%- endmacro %}

{% macro hall_tideman() -%}
    1 / rank_weighted_share
{%- endmacro %}

{# It is subtracted because the negative of zero is written -0. #}
{% macro mld() -%}
    0 - mean_logarithm
{%- endmacro %}

{% macro ge2() -%}
    relative_variance / 2
{%- endmacro %}

{% macro hoover_of_sums() -%}
    mean_deviation / 2
{%- endmacro %}

{% macro atkinson_05() -%}
    1 - {{ squared('mean_square_root') }}
{%- endmacro %}

{# 1 - exp(-x) as 2 t / (1 + t) with t = tanh(x / 2), which keeps its digits if x is near zero. An
   entity with a value of zero makes the geometric mean zero and the index one. #}
{% macro atkinson_1() -%}
    {%- set t = 'tanh((' ~ mld() ~ ') / 2)' -%}
    coalesce(2 * {{ t }} / (1 + {{ t }}), 1)
{%- endmacro %}

{% macro hannah_kay_3() -%}
    sqrt(mean_cube) / entity_count
{%- endmacro %}

{# The chance that two different transactions, drawn by amount, belong to the same entity. It is
   undefined if returns leave less than the single amounts (W is then above 1), and if one
   transaction is all but a millionth of the total: 1 - W then consists of the last digits of
   doubles. #}
{% macro hhi_unbiased() -%}
    case
        when transaction_hhi < 1 - 1e-6
            then least(greatest(pair_surplus / (1 - transaction_hhi), 0), 1)
    end
{%- endmacro %}


{# 1 / W: the number of equal-sized transactions that would carry as much information. NULL if
   returns leave less than the single amounts. #}
{% macro effective_transactions() -%}
    case when transaction_hhi <= 1 + 1e-12 then greatest(1 / transaction_hhi, 1.0) end
{%- endmacro %}


{# --- chance ------------------------------------------------------------------------ #}

{# E[HHI] if each transaction fell on one of K equally likely entities. #}
{% macro hhi_expected_if_even() -%}
    1e0 / population + (1 - 1e0 / population) * transaction_hhi
{%- endmacro %}

{# Its standard deviation; fourth_power_weight is sum(w^4) / W^2 over the transactions. #}
{% macro hhi_sd_if_even() -%}
    transaction_hhi
    * sqrt(2e0 / population * (1 - 1e0 / population) * (1 - fourth_power_weight))
{%- endmacro %}


{# Half the pairs of effective transactions that would fall on the same entity. With few of them,
   HHI under chance is as skewed as a Poisson count; with few entities, it is as skewed as a
   chi-square. The smaller of the two numbers of degrees of freedom describes it. #}
{% macro even_pairs() -%}
    1 / (2e0 * population * {{ squared('transaction_hhi') }})
{%- endmacro %}

{% macro even_degrees_of_freedom() -%}
    least(population - 1, 8 * ({{ even_pairs() }}))
{%- endmacro %}

{# Wilson and Hilferty: the cube root of a chi-square is nearly normal. greatest() ignores NULL. #}
{% macro even_score() -%}
    case
        when even_z is not null
            then (
                cbrt(greatest(1 + even_z * sqrt(2e0 / degrees_of_freedom), 0))
                - (1 - 2e0 / (9 * degrees_of_freedom))
            ) / sqrt(2e0 / (9 * degrees_of_freedom))
    end
{%- endmacro %}


{# --- without chance ------------------------------------------------------------------ #}

{# The value of an entity of a group without its own mean order (the mean is weighted by amount),
   made slightly smaller so that it ranks below entities with the same value. #}
{% macro value_without_own_order() -%}
    entity_value - group_squared / entity_count / entity_value - 1e-9 * entity_value
{%- endmacro %}

{# CRk of the entities that would still be among the k largest. It is too low, just as CRk is too
   high. #}
{% macro concentration_ratio_without_own_order(k) -%}
    cast(sum(case when entities_above < {{ k }} then group_value else 0 end) as double)
    / cast(max(total_value) as double)
{%- endmacro %}

{# The standard errors of those of the k largest that would not be there with a value lower by one
   error, as parts of the total: a lucky entity holds a contested place. #}
{% macro contested_errors(k) -%}
    {{ exact_sum(
        'case when entities_above >= ' ~ k ~ ' then greatest(least(group_size, '
        ~ k ~ ' - group_rank), 0) * own_error else 0 end'
    ) }}
{%- endmacro %}

{# Gini with each entity at the rank that it would then have. #}
{% macro gini_without_own_order() -%}
    {{ exact_sum(
        share_of('group_value', 'total_value')
        ~ ' * (member_count - 1 - 2 * entities_above) / member_count'
    ) }}
{%- endmacro %}

{# Gini shrunk in the same ratio as the coefficient of variation when chance is removed from it: for
   nearly even entities, almost all of it is chance. #}
{% macro gini_without_chance() -%}
    gini * sqrt(greatest(
        (entity_count * hhi_unbiased - 1) / nullif(entity_count * hhi - 1, 0), 0
    ))
{%- endmacro %}

{# Entropy plus the part that a small number of transactions takes from it: Miller and Madow's
   correction with the effective number of draws, and the same with each entity's own orders. #}
{% macro entropy_with_equal_orders() -%}
    shannon_entropy + (active_count - 1) * transaction_hhi / 2
{%- endmacro %}

{% macro entropy_with_own_orders() -%}
    shannon_entropy + (own_order_share - transaction_hhi) / 2
{%- endmacro %}

{# Q / x summed over the entities: their mean orders as a part of the total. #}
{% macro own_order_share() -%}
    {{ exact_sum(
        'case when entity_value > 0 then group_squared / entity_value'
        ~ ' / cast(total_value as double) else 0 end'
    ) }}
{%- endmacro %}

{# The mean of Q / x^2, 1 / the effective number of an entity's transactions. #}
{% macro rarity() -%}
    {{ exact_sum(
        'case when entity_value > 0 then least(group_squared / '
        ~ squared('cast(entity_value as double)') ~ ', 100 * entity_count) else 0 end'
    ) }} / sum(case when entity_value > 0 then entity_count else 0 end)
{%- endmacro %}

{# The number of errors that an interval extends. An error is only as certain as the number of
   orders that it rests on, which is effectively sum(w^2)^2 / sum(w^4). With that number, Student's
   t would widen an interval by 1.2. #}
{% macro errors_reached() -%}
    {{ var('critical_score') }}
    * (1 + {{ var('tail_allowance') }} * coalesce(fourth_power_weight, 0))
{%- endmacro %}

{# The ends of the 95% interval of an index, from its value that is too low to the one that is too
   high. If the verdict is that chance explains everything, the interval includes the even value; no
   end is out of bounds. #}
{% macro index_low(index, least_value, most_value) -%}
    least(greatest(
        least(
            {{ index }}_from - errors_reached * {{ index }}_se,
            case when is_even then {{ index }}_even end
        ),
        {{ least_value }}
    ), {{ most_value }})
{%- endmacro %}

{% macro index_high(index, least_value, most_value) -%}
    least(greatest(
        {{ index }}_to + errors_reached * {{ index }}_se,
        case when is_even then {{ index }}_even end,
        {{ least_value }}
    ), {{ most_value }})
{%- endmacro %}

{# HHI minus the HHI of K equal entities, rescaled to 0 to 1: the normalised HHI of the business. #}
{% macro excess_over_even(hhi) -%}
    case
        when {{ hhi }} is not null
            then greatest({{ hhi }} * population - 1, 0) / nullif(population - 1, 0)
    end
{%- endmacro %}

{# The level of that excess, by vars.excess_levels. #}
{% macro excess_level(excess) -%}
    case
        {%- for level in ['large', 'moderate', 'small'] %}
        when {{ excess }} >= {{ var('excess_levels')[level] }} then '{{ level }}'
        {%- endfor %}
        when {{ excess }} is not null then 'negligible'
    end
{%- endmacro %}


{# --- uncertainty -------------------------------------------------------------------- #}

{# W is the sum of the squared shares of single transactions; 1 / W is their effective number. If
   returns leave less than the single amounts, W is above 1 and says no more than that. A group's
   part is capped at 100, because it has no upper bound in a month that nets to almost zero. #}
{% macro transaction_hhi() -%}
    {{ exact_sum(variance_weight(), 30) }}
{%- endmacro %}

{# sum(w^4) / W^2: the part of the pairs of squared shares that are the same transaction twice, near
   1 if a single one outweighs all others. It is rounded, because its doubles are added in no fixed
   order. #}
{% macro fourth_power_weight() -%}
    round(least(greatest(
        sum(group_fourth) / nullif({{ squared('sum(group_squared)') }}, 0), 0
    ), 1), 12)
{%- endmacro %}

{# (sum(x^2) - sum(Q)) / T^2: the squared total of an entity minus its own squares. #}
{% macro pair_surplus() -%}
    {{ exact_sum(
        'greatest((entity_count * ' ~ squared('cast(entity_value as double)')
        ~ ' - group_squared) / ' ~ squared('cast(total_value as double)') ~ ', -100)', 30
    ) }}
{%- endmacro %}

{% macro variance_weight() -%}
    least(group_squared / {{ squared('cast(total_value as double)') }}, 100)
{%- endmacro %}

{% macro standard_error(derivative) -%}
    sqrt({{ exact_sum('variance_weight * ' ~ squared(derivative), 30) }})
{%- endmacro %}

{% macro hhi_se() -%}
    2 * {{ standard_error('value_share - hhi') }}
{%- endmacro %}

{# If the k-th largest is one of several equal entities, each counts in proportion. #}
{% macro concentration_ratio_se(k) -%}
    {%- set taken = '(1e0 * ' ~ entities_taken(k) ~ ' / entity_count)' -%}
    sqrt({{ exact_sum(
        'variance_weight * (' ~ taken ~ ' * ' ~ squared('1 - cr' ~ k) ~ ' + (1 - ' ~ taken
        ~ ') * ' ~ squared('cr' ~ k) ~ ')', 30
    ) }})
{%- endmacro %}

{% macro gini_se() -%}
    2 * {{ standard_error(
        '(' ~ ascending_rank() ~ ' - (member_count * (1 + gini) + 1) / 2) / member_count'
    ) }}
{%- endmacro %}

{# ln s + H is ln r - T, with Theil's T, whose digits do not cancel if shares are even. #}
{% macro shannon_se() -%}
    {{ standard_error(
        'case when entity_value > 0 then ln(relative_value) - theil_t else 0 end'
    ) }}
{%- endmacro %}
