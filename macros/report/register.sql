{# The sentences of the register. They are about the columns of the model that calls them, which is
   named with each. #}

{# --- broken limits: int_register_limits ------------------------------------------- #}

{% macro limit_headline() -%}
    {%- set accounts = '{dimension:label} {entity_label} accounts for {value_share:percent} '
        ~ 'of {measure:measure} in {period}' -%}
    case
        when is_group_share
            then {{ sentence(
                '{dimension:label}: {indicator:indicator} of {measure:measure} '
                ~ 'is {indicator_value:value} in {period}, {threshold_words}'
            ) }}
        when is_single_name then {{ sentence(accounts ~ ', {threshold_words}') }}
        else {{ sentence(accounts) }}
    end
{%- endmacro %}

{% macro limit_details() -%}
    {{ clauses('; ', [
        ('not is_single_name and not is_group_share', '{value_words} is {threshold_words}'),
        'other_limit',
        ('is_single_name and over_count > 1', '{over_count:count} are above {warn_at:percent}'),
        ('is_group_share', '{entity_label} alone accounts for {value_share:percent}'),
        ('cause_names is not null', 'without {cause_names} it would hold'),
        ('new_since is not null', 'it is new, first seen in {new_since:month}'),
        (
            'last_before_gone is not null',
            'it has contributed nothing since {last_before_gone:month}',
        ),
        'rise_words',
        few_orders_words('effective_transactions'),
        ("is_main_measure and period_grain = 'year'", '{loss} {entity_value:revenue} a year'),
        (
            "is_main_measure and period_grain != 'year' and yearly_value is null",
            '{loss} {entity_value:revenue}',
        ),
        (
            "is_main_measure and period_grain != 'year' and yearly_value is not null",
            '{loss} {entity_value:revenue}, or {yearly_value:revenue} a year at that rate',
        ),
        (
            'unattributed_share > ' ~ var('register_unattributed_share'),
            '{unattributed_share:percent} of {measure:measure} names no {dimension:role}',
        ),
    ]) }}
{%- endmacro %}


{# --- rises and falls: int_register_changes ---------------------------------------- #}

{% macro change_headline() -%}
    {%- set moved = '{compared_share:percent} to {value_share:percent} '
        ~ 'of {measure:measure} in {period} (against {compared_period})' -%}
    {%- set from_to = '{compared_value:amount} in {compared_period} '
        ~ 'to {entity_value:amount} in {period}' -%}
    {%- set headlines = {
        'total': 'All {measure:measure} fell from ' ~ from_to ~ ', a loss of {size}',
        'newest_rows_only': '{entity} belongs to the newest rows: most of it is from '
            ~ '{mostly_since:month} on, and it accounts for {value_share:percent} '
            ~ 'of {measure:measure} in {period}',
        'went_below_zero': '{entity} went below zero, from ' ~ from_to
            ~ ', a loss of {value_size:amount}',
        'left': '{entity} is gone: it accounted for {compared_share:percent} '
            ~ 'of {measure:measure} in {compared_period} and nothing since {period} began, '
            ~ 'a loss of {size}',
        'fell': '{entity} fell from ' ~ moved ~ ', a loss of {size}',
        'rose': '{entity} grew from ' ~ moved ~ ', a gain of {size}'
    } -%}
    case situation
        {%- for situation, text in headlines.items() %}
        when '{{ situation }}' then {{ sentence(text) }}
        {%- endfor %}
    end
{%- endmacro %}

{% macro change_details() -%}
    {{ clauses('; ', [
        ("movement = 'launched'", 'it is new, first seen in {first_month:month}'),
        ("movement = 'came_back'", 'it contributed nothing in {compared_period}'),
        ("movement = 'newest_rows_only'", 'a new value, or a state that orders pass through'),
        few_orders_words('effective_transactions'),
        'count_words',
        ("other_entities is not null and direction = 'fell'", '{other_entities} fell as well'),
        ("other_entities is not null and direction = 'rose'", '{other_entities} grew as well'),
        (
            "movement != 'newest_rows_only'",
            '{yearly_size:amount} a year at the rate of {period}',
        ),
    ]) }}
{%- endmacro %}
