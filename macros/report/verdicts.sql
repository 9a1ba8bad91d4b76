{# The verdict on concentration, from the columns of int_even_tests. #}

{# The verdict of an outcome of the test. #}
{% macro verdict_of_outcome() -%}
    case
        when outcome in ('above', 'above_those_seen') then 'concentrated'
        when outcome = 'below' then 'more_even_than_chance'
        when outcome = 'even' then 'indistinguishable_from_even'
        else 'not_measurable'
    end
{%- endmacro %}


{# The same in a sentence. #}
{% macro verdict_reason() -%}
    {%- set reasons = {
        'partly_covered': 'the data cover only part of a year: this is not concentration',
        'one_seen': 'only one entity was seen, and the number of possible entities is unknown',
        'one_possible': 'only one entity is possible',
        'above_those_seen': 'more concentrated than equal chances for those seen would give; '
            ~ 'unseen entities would make it even more concentrated',
        'above': 'more concentrated than equal chances for all entities would give',
        'below': 'more even than chance allows: the extract looks deduplicated or sampled per '
            ~ 'entity, so its concentration says nothing about the business',
        'even': 'as even as equal chances for all entities would make it'
    } -%}
    {%- set seen = '{effective_transactions:number} effective transactions among '
        ~ '{entity_count:number}: this cannot be distinguished from chance. A file of all '
        ~ 'entities helps, or {sufficient_transactions:number} transactions' -%}
    case
        {%- for outcome, reason in reasons.items() %}
        when outcome = '{{ outcome }}' then '{{ reason }}'
        {%- endfor %}
        when outcome = 'too_few'
            then concat(
                'too few transactions to tell concentration from chance: ',
                coalesce({{ sentence('{effective_transactions:number} effective ones, ') }}, ''),
                {{ sentence(
                    '{needed_transactions:number} needed for {population:number} entities. '
                    ~ 'Data of a longer period help'
                ) }}
            )
        when population_count is null
            then {{ sentence('the number of entities is unknown, and those seen have ' ~ seen) }}
        else {{ sentence('more entities were seen than are in the file, with ' ~ seen) }}
    end
{%- endmacro %}
