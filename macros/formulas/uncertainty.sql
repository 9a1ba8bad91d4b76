{# How far an index may be from what it estimates. Besides the columns of spectrum.sql, a group of
   entities has

     group_squared, group_fourth  the sums of the squares (Q) and fourth powers of its transactions

   Sources, bounds and edge rules are in _uncertainty.yml. #}


{# --- transactions ----------------------------------------------------------------- #}

{% macro variance_weight(group_squared, total_value) -%}
    least({{ group_squared }} / {{ topheavy.squared('cast(' ~ total_value ~ ' as double)') }}, 100)
{%- endmacro %}

{# W is the sum of the squared shares of single transactions; 1 / W is their effective number. If
   returns leave less than the single amounts, W is above 1 and says no more than that. A group's
   part is capped at 100, because it has no upper bound in a month that nets to almost zero. #}
{% macro transaction_hhi(group_squared, total_value) -%}
    {{ topheavy.exact_sum(topheavy.variance_weight(group_squared, total_value), 30) }}
{%- endmacro %}

{# sum(w^4) / W^2: the part of the pairs of squared shares that are the same transaction twice, near
   1 if a single one outweighs all others. It is rounded, because its doubles are added in no fixed
   order. #}
{% macro fourth_power_weight(group_squared, group_fourth) -%}
    round(least(greatest(
        sum({{ group_fourth }})
        / nullif({{ topheavy.squared('sum(' ~ group_squared ~ ')') }}, 0), 0
    ), 1), 12)
{%- endmacro %}

{# (sum(x^2) - sum(Q)) / T^2: the squared total of an entity minus its own squares. #}
{% macro pair_surplus(entity_value, entity_count, group_squared, total_value) -%}
    {{ topheavy.exact_sum(
        'greatest((' ~ entity_count ~ ' * '
        ~ topheavy.squared('cast(' ~ entity_value ~ ' as double)') ~ ' - ' ~ group_squared ~ ') / '
        ~ topheavy.squared('cast(' ~ total_value ~ ' as double)') ~ ', -100)', 30
    ) }}
{%- endmacro %}

{# Q / x summed over the entities: their mean orders as a part of the total. #}
{% macro own_order_share(entity_value, group_squared, total_value) -%}
    {{ topheavy.exact_sum(
        'case when ' ~ entity_value ~ ' > 0 then ' ~ group_squared ~ ' / ' ~ entity_value
        ~ ' / cast(' ~ total_value ~ ' as double) else 0 end'
    ) }}
{%- endmacro %}

{# The mean of Q / x^2, 1 / the effective number of an entity's transactions. #}
{% macro rarity(entity_value, entity_count, group_squared) -%}
    {{ topheavy.exact_sum(
        'case when ' ~ entity_value ~ ' > 0 then least(' ~ group_squared ~ ' / '
        ~ topheavy.squared('cast(' ~ entity_value ~ ' as double)') ~ ', 100 * ' ~ entity_count
        ~ ') else 0 end'
    ) }} / sum(case when {{ entity_value }} > 0 then {{ entity_count }} else 0 end)
{%- endmacro %}


{# --- standard errors -------------------------------------------------------------- #}

{% macro standard_error(derivative, variance_weight) -%}
    sqrt({{ topheavy.exact_sum(variance_weight ~ ' * ' ~ topheavy.squared(derivative), 30) }})
{%- endmacro %}

{% macro hhi_se(value_share, hhi, variance_weight) -%}
    2 * {{ topheavy.standard_error(value_share ~ ' - ' ~ hhi, variance_weight) }}
{%- endmacro %}

{# If the k-th largest is one of several equal entities, each counts in proportion. #}
{% macro concentration_ratio_se(ratio, entity_count, entities_above, variance_weight, k) -%}
    {%- set taken = '(1e0 * ' ~ topheavy.entities_taken(entity_count, entities_above, k)
        ~ ' / ' ~ entity_count ~ ')' -%}
    sqrt({{ topheavy.exact_sum(
        variance_weight ~ ' * (' ~ taken ~ ' * ' ~ topheavy.squared('1 - ' ~ ratio)
        ~ ' + (1 - ' ~ taken ~ ') * ' ~ topheavy.squared(ratio) ~ ')', 30
    ) }})
{%- endmacro %}

{% macro gini_se(gini, entity_count, member_count, entities_above, variance_weight) -%}
    2 * {{ topheavy.standard_error(
        '(' ~ topheavy.ascending_rank(entity_count, member_count, entities_above)
        ~ ' - (' ~ member_count ~ ' * (1 + ' ~ gini ~ ') + 1) / 2) / ' ~ member_count,
        variance_weight
    ) }}
{%- endmacro %}

{# ln s + H is ln r - T, with Theil's T, whose digits do not cancel if shares are even. #}
{% macro shannon_se(relative_value, theil_t, variance_weight) -%}
    {{ topheavy.standard_error(
        'case when ' ~ relative_value ~ ' > 0 then ln(' ~ relative_value ~ ') - ' ~ theil_t
        ~ ' else 0 end',
        variance_weight
    ) }}
{%- endmacro %}


{# --- without chance --------------------------------------------------------------- #}

{# The value of an entity of a group without its own mean order (the mean is weighted by amount),
   made slightly smaller so that it ranks below entities with the same value. #}
{% macro value_without_own_order(entity_value, entity_count, group_squared) -%}
    {{ entity_value }} - {{ group_squared }} / {{ entity_count }} / {{ entity_value }}
    - 1e-9 * {{ entity_value }}
{%- endmacro %}

{# CRk of the entities that would still be among the k largest. It is too low, just as CRk is too
   high. #}
{% macro concentration_ratio_without_own_order(group_value, entities_above, total_value, k) -%}
    cast(sum(case when {{ entities_above }} < {{ k }} then {{ group_value }} else 0 end) as double)
    / cast(max({{ total_value }}) as double)
{%- endmacro %}

{# The standard errors of those of the k largest that would not be there with a value lower by one
   error, as parts of the total: a lucky entity holds a contested place. #}
{% macro contested_errors(own_error, group_size, group_rank, entities_above, k) -%}
    {{ topheavy.exact_sum(
        'case when ' ~ entities_above ~ ' >= ' ~ k ~ ' then greatest(least(' ~ group_size ~ ', '
        ~ k ~ ' - ' ~ group_rank ~ '), 0) * ' ~ own_error ~ ' else 0 end'
    ) }}
{%- endmacro %}

{# Gini with each entity at the rank that it would then have. #}
{% macro gini_without_own_order(group_value, member_count, entities_above, total_value) -%}
    {{ topheavy.exact_sum(
        topheavy.share_of(group_value, total_value)
        ~ ' * (' ~ member_count ~ ' - 1 - 2 * ' ~ entities_above ~ ') / ' ~ member_count
    ) }}
{%- endmacro %}

{# Gini shrunk in the same ratio as the coefficient of variation when chance is removed from it: for
   nearly even entities, almost all of it is chance. #}
{% macro gini_without_chance(gini, hhi, hhi_unbiased, entity_count) -%}
    {{ gini }} * sqrt(greatest(
        ({{ entity_count }} * {{ hhi_unbiased }} - 1)
        / nullif({{ entity_count }} * {{ hhi }} - 1, 0), 0
    ))
{%- endmacro %}

{# Entropy plus the part that a small number of transactions takes from it: Miller and Madow's
   correction with the effective number of draws, and the same with each entity's own orders. #}
{% macro entropy_with_equal_orders(shannon_entropy, active_count, transaction_hhi) -%}
    {{ shannon_entropy }} + ({{ active_count }} - 1) * {{ transaction_hhi }} / 2
{%- endmacro %}

{% macro entropy_with_own_orders(shannon_entropy, own_order_share, transaction_hhi) -%}
    {{ shannon_entropy }} + ({{ own_order_share }} - {{ transaction_hhi }}) / 2
{%- endmacro %}


{# --- intervals -------------------------------------------------------------------- #}

{# The number of errors that an interval extends. An error is only as certain as the number of
   orders that it rests on, which is effectively sum(w^2)^2 / sum(w^4). With that number, Student's
   t would widen an interval by 1.2. #}
{% macro errors_reached(fourth_power_weight, critical_score, tail_allowance) -%}
    {{ critical_score }} * (1 + {{ tail_allowance }} * coalesce({{ fourth_power_weight }}, 0))
{%- endmacro %}

{# The ends of the 95% interval of an index, from its value that is too low to the one that is too
   high. If the verdict is that chance explains everything, the interval includes the even value; no
   end is out of bounds. #}
{% macro index_low(
    low_value, standard_error, errors_reached, even_value, is_even, least_value, most_value
) -%}
    least(greatest(
        least(
            {{ low_value }} - {{ errors_reached }} * {{ standard_error }},
            case when {{ is_even }} then {{ even_value }} end
        ),
        {{ least_value }}
    ), {{ most_value }})
{%- endmacro %}

{% macro index_high(
    high_value, standard_error, errors_reached, even_value, is_even, least_value, most_value
) -%}
    least(greatest(
        {{ high_value }} + {{ errors_reached }} * {{ standard_error }},
        case when {{ is_even }} then {{ even_value }} end,
        {{ least_value }}
    ), {{ most_value }})
{%- endmacro %}

{# An end of the interval of how much an HHI moved: the change minus (plus) the square root of the
   summed squared distances between the estimates and the ends that make it small (large) (Zou and
   Donner 2008). #}
{% macro hhi_change_end(after, after_end, before, before_end, dispersion, end) -%}
    {%- set reach -%}
        sqrt(
            {{ dispersion }} * (
                {{ topheavy.squared(after_end ~ ' - ' ~ after) }}
                + {{ topheavy.squared(before_end ~ ' - ' ~ before) }}
            )
        )
    {%- endset -%}
    {%- if end == 'low' -%}
        greatest({{ after }} - {{ before }} - {{ reach }}, -1)
    {%- else -%}
        least({{ after }} - {{ before }} + {{ reach }}, 1)
    {%- endif -%}
{%- endmacro %}
