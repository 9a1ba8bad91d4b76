{# What the risk layer computes from the indices. #}

{# The largest number of scenarios, or entities, in a set: each is one bit of a 64-bit integer. #}
{% macro most_bits() -%} {{ return(62) }} {%- endmacro %}


{# True for dimensions on which a business can choose to depend less: all except those of the
   calendar and the interaction types. A limit on * applies to these. #}
{% macro is_business_dimension(dimension) -%}
    {{ dimension }} not in (
        'interaction_type',
        {%- for calendar in dimensions_from('calendar') %}
        '{{ calendar.name }}'{{ ',' if not loop.last }}
        {%- endfor %}
    )
{%- endmacro %}


{# The indicators that a limit can apply to. entity_share is the share of each single entity: its
   value is that of the largest. #}
{% macro limit_indicators() -%}
    {{ return([
        'cr1', 'cr4', 'cr5', 'cr10', 'cr20', 'top_1pct_share', 'top_5pct_share',
        'top_10pct_share', 'top_20pct_share', 'hhi', 'hhi_normalized', 'effective_number',
        'gini', 'gini_unbiased', 'hall_tideman', 'theil_t', 'hoover', 'shannon_entropy'
    ]) }}
{%- endmacro %}


{# The indicator that a limit names, from a relation with the columns of concentration_indices. #}
{% macro indicator_value(indicator, indices) -%}
    case {{ indicator }}
        when 'entity_share' then {{ indices }}.cr1
        {%- for column in limit_indicators() %}
        when '{{ column }}' then {{ indices }}.{{ column }}
        {%- endfor %}
    end
{%- endmacro %}


{# An end of its 95% interval, low or high, if one is published. The effective number is the inverse
   of HHI, so its ends are swapped. #}
{% macro indicator_end(indicator, end, indices) -%}
    {%- set hhi = indices ~ '.hhi_' ~ end -%}
    case {{ indicator }}
        when 'entity_share' then {{ indices }}.cr1_{{ end }}
        when 'cr1' then {{ indices }}.cr1_{{ end }}
        when 'cr10' then {{ indices }}.cr10_{{ end }}
        when 'hhi' then {{ hhi }}
        when 'hhi_normalized'
            then
                case
                    when {{ hhi }} is not null
                        then greatest({{ normalized_hhi(hhi, indices ~ '.entity_count') }}, 0)
                end
        when 'effective_number'
            then 1 / nullif({{ indices }}.hhi_{{ 'high' if end == 'low' else 'low' }}, 0)
        when 'gini' then {{ indices }}.gini_{{ end }}
        when 'shannon_entropy' then {{ indices }}.shannon_{{ end }}
    end
{%- endmacro %}


{# An end of the interval of how much the HHI moved from one row of concentration_indices to
   another: the change minus (plus) the square root of the summed squared distances between the
   estimates and the ends that make it small (large) (Zou and Donner 2008). #}
{% macro hhi_change_end(after, before, end, dispersion) -%}
    {%- set opposite = 'high' if end == 'low' else 'low' -%}
    {%- set reach -%}
        sqrt(
            {{ dispersion }} * (
                {{ squared(after ~ '.hhi_' ~ end ~ ' - ' ~ after ~ '.hhi_unbiased') }}
                + {{ squared(before ~ '.hhi_' ~ opposite ~ ' - ' ~ before ~ '.hhi_unbiased') }}
            )
        )
    {%- endset -%}
    {%- set change = after ~ '.hhi_unbiased - ' ~ before ~ '.hhi_unbiased' -%}
    {%- if end == 'low' -%}
        greatest({{ change }} - {{ reach }}, -1)
    {%- else -%}
        least({{ change }} + {{ reach }}, 1)
    {%- endif -%}
{%- endmacro %}


{# A limit on the normalised HHI, expressed as an HHI for that number of entities. #}
{% macro hhi_from_normalized(normalized, entity_count) -%}
    {{ normalized }} + (1 - {{ normalized }}) / {{ entity_count }}
{%- endmacro %}


{# HHI rescaled from 1/n..1 to 0..1. #}
{% macro normalized_hhi(hhi, entity_count) -%}
    (({{ hhi }}) * {{ entity_count }} - 1) / nullif({{ entity_count }} - 1, 0)
{%- endmacro %}


{# A share without the transactions of another finding: zero if they account for all of it, and
   unknown if they exceed the whole. #}
{% macro share_without(value, shared, total, other) -%}
    case
        when {{ value }} - {{ shared }} <= 1e-9 * {{ value }} then 0
        else ({{ value }} - {{ shared }}) / nullif(greatest({{ total }} - {{ other }}, 0), 0)
    end
{%- endmacro %}


{# HHI of a finding without the part of its leader that belongs to another finding: (H T^2 - x^2 +
   (x - c)^2) / (T - C)^2, with c the part of the other's value C that belongs to the leader x; zero
   if the other is everything. #}
{% macro hhi_without(finding, overlap) -%}
    {%- set rest = finding ~ '.total_value - ' ~ overlap ~ '.other_value' -%}
    case
        when abs({{ rest }}) <= 1e-9 * {{ finding }}.total_value then 0
        else (
            {{ finding }}.hhi * {{ squared(finding ~ '.total_value') }}
            - {{ squared(finding ~ '.entity_value') }}
            + {{ squared(finding ~ '.entity_value - ' ~ overlap ~ '.shared_value') }}
        ) / nullif({{ squared('greatest(' ~ rest ~ ', 0)') }}, 0)
    end
{%- endmacro %}


{# True if a limit is in force on some day of a period; a missing date means no bound. #}
{% macro is_in_force(limits, period) -%}
    coalesce({{ period }}.period_end >= cast({{ limits }}.in_force_from as date), true)
    and coalesce({{ period }}.period_start <= cast({{ limits }}.in_force_to as date), true)
{%- endmacro %}


{# True if a value lies beyond a threshold in the limit's direction. #}
{% macro is_beyond(value, threshold, direction='direction') -%}
    case
        when {{ direction }} = 'below' then {{ value }} < {{ threshold }}
        else {{ value }} >= {{ threshold }}
    end
{%- endmacro %}


{# True if the whole interval of a row of limit_status lies beyond a threshold. #}
{% macro is_beyond_with_noise(threshold, limits=none) -%}
    {%- set of = limits ~ '.' if limits else '' -%}
    {%- set nearest -%}
        case {{ of }}direction when 'below' then {{ of }}interval_high else {{ of }}interval_low end
    {%- endset -%}
    {{ is_beyond(nearest, of ~ threshold, of ~ 'direction') }}
{%- endmacro %}


{# How much the largest can grow before its share (or that of a group that it is in)
   reaches a limit: (part + g) / (total + g) = limit. #}
{% macro growth_to_share(part, total, share_limit) -%}
    ({{ share_limit }} * {{ total }} - {{ part }}) / nullif(1 - {{ share_limit }}, 0)
{%- endmacro %}


{# The same for HHI: (squares + 2 x g + g^2) / (total + g)^2 = limit, the larger root. NULL if no
   growth or loss of the largest alone reaches the limit. #}
{% macro growth_to_hhi(largest, squares, total, hhi_limit) -%}
    {%- set discriminant -%}
        {{ squared(largest ~ ' - ' ~ hhi_limit ~ ' * ' ~ total) }}
        - (1 - {{ hhi_limit }}) * ({{ squares }} - {{ hhi_limit }} * {{ squared(total) }})
    {%- endset -%}
    (
        {{ hhi_limit }} * {{ total }} - {{ largest }}
        + sqrt(case when {{ discriminant }} >= 0 then {{ discriminant }} end)
    ) / nullif(1 - {{ hhi_limit }}, 0)
{%- endmacro %}


{# How much the largest can grow before a limit breaks; NULL if there is no closed formula.
   `hhi_limit` is the limit expressed as an HHI, and `squares` the sum of the squared values of all
   entities. #}
{% macro headroom_value(indicator, value, breach_at, hhi_limit, largest, squares, total) -%}
    case
        when {{ hhi_limit }} is not null
            then {{ growth_to_hhi(largest, squares, total, hhi_limit) }}
        when {{ is_share(indicator) }}
            then {{ growth_to_share(value ~ ' * ' ~ total, total, breach_at) }}
    end
{%- endmacro %}


{# The part of a change in value that is the entity's own: its change beyond the rate at which all
   others changed. #}
{% macro own_change(changes) -%}
    {%- set others = changes ~ '.total_value - greatest(' ~ changes ~ '.entity_value, 0)' -%}
    {%- set compared_others = changes ~ '.compared_total_value - greatest(' ~ changes
        ~ '.compared_value, 0)' -%}
    case
        when {{ changes }}.dimension = 'total' then {{ changes }}.value_change
        else {{ changes }}.entity_value
            - {{ changes }}.compared_value * ({{ others }}) / nullif({{ compared_others }}, 0)
    end
{%- endmacro %}


{# The amount of a month, a quarter or a year as an amount per year. #}
{% macro per_year(value, period_grain) -%}
    {{ value }} * case {{ period_grain }} when 'month' then 12 when 'quarter' then 4 else 1 end
{%- endmacro %}


{# --- chance -------------------------------------------------------------------------- #}

{# A t-distributed score as a normal one (Wallace 1959): with few effective transactions behind a
   standard error, large scores are more common than under the normal distribution. #}
{% macro normal_score(score, degrees_of_freedom) -%}
    sqrt({{ degrees_of_freedom }} * ln(1 + {{ squared(score) }} / {{ degrees_of_freedom }}))
    * (8 * {{ degrees_of_freedom }} + 1) / (8 * {{ degrees_of_freedom }} + 3)
{%- endmacro %}


{# The squared distance of a month from the middle of its neighbours, divided by its variance. It
   averages 1 if orders are independent, whatever the trend or slow season. `along` is a window over
   the months. #}
{% macro squared_bend(value, variance, along) -%}
    {{ squared(
        value ~ ' - 2 * lag(' ~ value ~ ', 1) over ' ~ along
        ~ ' + lag(' ~ value ~ ', 2) over ' ~ along
    ) }} / nullif(
        {{ variance }} + 4 * lag({{ variance }}, 1) over {{ along }}
        + lag({{ variance }}, 2) over {{ along }}, 0
    )
{%- endmacro %}

{# Their third quartile divided by that of a squared normal score, 1.3233: the index of dispersion,
   at least that of independent orders, 1. Up to a quarter of the months may stand out, such as
   December or a real change, without affecting it. #}
{% macro dispersion(squared_bend) -%}
    case
        when count({{ squared_bend }}) < {{ var('months_to_see_bursts') - 2 }} then 1
        else greatest({{ quantile(squared_bend, 0.75) }} / 1.3233, 1)
    end
{%- endmacro %}


{# The chance of a normal score at least as far from 0, erfc(|z| / sqrt(2)), by the Chebyshev fit of
   Numerical Recipes (2nd edition, erfcc): its relative error is below 1.2e-7 for every score. #}
{% macro two_sided_p(score) -%}
    {%- set t = '(1 / (1 + abs(' ~ score ~ ') / sqrt(8e0)))' -%}
    {%- set polynomial = namespace(terms='0.17087277e0') -%}
    {%- for coefficient in [
        '-0.82215223e0', '1.48851587e0', '-1.13520398e0', '0.27886807e0', '-0.18628806e0',
        '0.09678418e0', '0.37409196e0', '1.00002368e0', '-1.26551223e0'
    ] -%}
    {%- set polynomial.terms = '(' ~ coefficient ~ ' + ' ~ t ~ ' * ' ~ polynomial.terms ~ ')' -%}
    {%- endfor -%}
    {{ t }} * exp({{ polynomial.terms }} - {{ squared(score) }} / 2)
{%- endmacro %}
