{# Sums over the entities, computed from the value spectrum. Its rows are groups of entities with
   the same value, and these columns of a group are the arguments of most formulas:

     entity_value    the value that the entities of the group share
     entity_count    the number of entities that have it
     group_value     the sum of their values
     entities_above  the number of entities with a larger value
     value_above     the sum of the values of those entities
     member_count    n, the number of all entities; total_value is T, the sum of their values
     relative_value  r = x * n / T

   Sources, bounds and edge rules are in _spectrum.yml. #}


{# --- the terms -------------------------------------------------------------------- #}

{# In whole units of the last decimal, so that even entities give exactly 1. #}
{% macro relative_value(entity_value, member_count, total_value, decimals) -%}
    {%- set unit = '1e' ~ decimals -%}
    round(cast({{ entity_value }} as double) * {{ unit }}) * {{ member_count }}
    / round(cast({{ total_value }} as double) * {{ unit }})
{%- endmacro %}

{# The mean of a function of r over the n entities. #}
{% macro mean_over_entities(expression, entity_count, member_count) -%}
    {{ topheavy.exact_sum(entity_count ~ ' * (' ~ expression ~ ') / ' ~ member_count) }}
{%- endmacro %}

{# How many of the group's entities are among the k largest. #}
{% macro entities_taken(entity_count, entities_above, k) -%}
    least({{ entity_count }}, greatest({{ k }} - {{ entities_above }}, 0))
{%- endmacro %}

{# ceil(n * percent / 100) without leaving whole numbers. #}
{% macro top_percent_count(member_count, percent) -%}
    ceil({{ member_count }} * {{ percent }} / 100.0)
{%- endmacro %}

{# The ascending rank of the group's entities, ties at their mean rank. #}
{% macro ascending_rank(entity_count, member_count, entities_above) -%}
    ({{ member_count }} - {{ entities_above }} - ({{ entity_count }} - 1) / 2.0)
{%- endmacro %}


{# --- how much the largest hold ---------------------------------------------------- #}

{# Decimals are exact up to the division: all entities together have exactly 1. #}
{% macro concentration_ratio(
    entity_value, entity_count, group_value, entities_above, total_value, k
) -%}
    cast(sum(
        case
            when {{ entities_above }} + {{ entity_count }} <= {{ k }} then {{ group_value }}
            when {{ entities_above }} < {{ k }}
                then {{ entity_value }} * cast({{ k }} - {{ entities_above }} as integer)
            else 0
        end
    ) as double) / cast(max({{ total_value }}) as double)
{%- endmacro %}

{# The smallest number of entities that together reach a percentage of the total. It is computed in
   whole units of the last decimal, so that an exact quotient is not rounded up because of its
   residue. #}
{% macro entities_to_percent(
    entity_value, group_value, entities_above, value_above, total_value, percent, decimals
) -%}
    {%- set unit = '1e' ~ decimals -%}
    cast(min(
        case
            when
                {{ entity_value }} > 0
                and ({{ value_above }} + {{ group_value }}) * 100
                >= {{ total_value }} * {{ percent }}
                then {{ entities_above }} + greatest(1, ceil(
                    round(
                        cast({{ total_value }} * {{ percent }} - {{ value_above }} * 100 as double)
                        * {{ unit }}
                    )
                    / round(cast({{ entity_value }} * 100 as double) * {{ unit }})
                ))
        end
    ) as bigint)
{%- endmacro %}


{# --- sums over the entities ------------------------------------------------------- #}

{% macro relative_variance(relative_value, entity_count, member_count) -%}
    {{ topheavy.mean_over_entities(
        topheavy.squared(relative_value ~ ' - 1'), entity_count, member_count
    ) }}
{%- endmacro %}

{% macro shannon_entropy(relative_value, entity_count, member_count) -%}
    {%- set share = relative_value ~ ' / ' ~ member_count -%}
    {{ topheavy.exact_sum(
        'case when ' ~ relative_value ~ ' > 0 then -' ~ entity_count ~ ' * ' ~ share
        ~ ' * ln(' ~ share ~ ') else 0 end'
    ) }}
{%- endmacro %}

{% macro theil_t(relative_value, entity_count, member_count) -%}
    {{ topheavy.mean_over_entities(
        'case when ' ~ relative_value ~ ' > 0 then ' ~ relative_value
        ~ ' * ln(' ~ relative_value ~ ') else 0 end',
        entity_count, member_count
    ) }}
{%- endmacro %}

{# NULL if any entity has a value of zero: its logarithm is minus infinity. #}
{% macro mean_logarithm(relative_value, entity_count, member_count) -%}
    case
        when min({{ relative_value }}) > 0
            then {{ topheavy.mean_over_entities(
                'case when ' ~ relative_value ~ ' > 0 then ln(' ~ relative_value ~ ') end',
                entity_count, member_count
            ) }}
    end
{%- endmacro %}

{% macro mean_deviation(relative_value, entity_count, member_count) -%}
    {{ topheavy.mean_over_entities(
        'abs(' ~ relative_value ~ ' - 1)', entity_count, member_count
    ) }}
{%- endmacro %}

{% macro mean_square_root(relative_value, entity_count, member_count) -%}
    {{ topheavy.mean_over_entities('sqrt(' ~ relative_value ~ ')', entity_count, member_count) }}
{%- endmacro %}

{% macro mean_cube(relative_value, entity_count, member_count) -%}
    {{ topheavy.mean_over_entities(
        [relative_value, relative_value, relative_value] | join(' * '), entity_count, member_count
    ) }}
{%- endmacro %}

{% macro gini_of_spectrum(relative_value, entity_count, member_count, entities_above) -%}
    {{ topheavy.exact_sum(
        entity_count ~ ' * ' ~ relative_value ~ ' * (2 * '
        ~ topheavy.ascending_rank(entity_count, member_count, entities_above)
        ~ ' - ' ~ member_count ~ ' - 1) / ' ~ member_count
    ) }} / max({{ member_count }})
{%- endmacro %}

{# 2 * sum(rank * share) - 1 with descending ranks: the inverse of Hall-Tideman. #}
{% macro rank_weighted_share(relative_value, entity_count, member_count, entities_above) -%}
    {{ topheavy.mean_over_entities(
        relative_value ~ ' * (2 * ' ~ entities_above ~ ' + ' ~ entity_count ~ ')',
        entity_count, member_count
    ) }}
{%- endmacro %}
