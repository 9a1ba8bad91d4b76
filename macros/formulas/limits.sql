{# What limits, changes and findings are measured by. Bounds and edge rules are in _limits.yml. #}


{# --- beyond a limit --------------------------------------------------------------- #}

{# True if a limit is in force on some day of a period; a missing date means no bound. #}
{% macro is_in_force(in_force_from, in_force_to, period_start, period_end) -%}
    coalesce({{ period_end }} >= cast({{ in_force_from }} as date), true)
    and coalesce({{ period_start }} <= cast({{ in_force_to }} as date), true)
{%- endmacro %}


{# True if a value lies beyond a threshold in the limit's direction. #}
{% macro is_beyond(value, threshold, direction) -%}
    case
        when {{ direction }} = 'below' then {{ value }} < {{ threshold }}
        else {{ value }} >= {{ threshold }}
    end
{%- endmacro %}


{# True if a whole interval lies beyond a threshold. #}
{% macro is_beyond_with_noise(interval_low, interval_high, threshold, direction) -%}
    {%- set nearest -%}
        case {{ direction }} when 'below' then {{ interval_high }} else {{ interval_low }} end
    {%- endset -%}
    {{ topheavy.is_beyond(nearest, threshold, direction) }}
{%- endmacro %}


{# --- without another finding ------------------------------------------------------ #}

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
{% macro hhi_without(hhi, largest, shared, total, other) -%}
    {%- set rest = total ~ ' - ' ~ other -%}
    case
        when abs({{ rest }}) <= 1e-9 * {{ total }} then 0
        else (
            {{ hhi }} * {{ topheavy.squared(total) }}
            - {{ topheavy.squared(largest) }}
            + {{ topheavy.squared(largest ~ ' - ' ~ shared) }}
        ) / nullif({{ topheavy.squared('greatest(' ~ rest ~ ', 0)') }}, 0)
    end
{%- endmacro %}


{# --- headroom --------------------------------------------------------------------- #}

{# How much the largest can grow before its share (or that of a group that it is in)
   reaches a limit: (part + g) / (total + g) = limit. #}
{% macro growth_to_share(part, total, share_limit) -%}
    ({{ share_limit }} * {{ total }} - {{ part }}) / nullif(1 - {{ share_limit }}, 0)
{%- endmacro %}


{# The same for HHI: (squares + 2 x g + g^2) / (total + g)^2 = limit, the larger root. NULL if no
   growth or loss of the largest alone reaches the limit. #}
{% macro growth_to_hhi(largest, squares, total, hhi_limit) -%}
    {%- set discriminant -%}
        {{ topheavy.squared(largest ~ ' - ' ~ hhi_limit ~ ' * ' ~ total) }}
        - (1 - {{ hhi_limit }})
        * ({{ squares }} - {{ hhi_limit }} * {{ topheavy.squared(total) }})
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
            then {{ topheavy.growth_to_hhi(largest, squares, total, hhi_limit) }}
        when {{ topheavy.is_share(indicator) }}
            then {{ topheavy.growth_to_share(value ~ ' * ' ~ total, total, breach_at) }}
    end
{%- endmacro %}


{# --- changes ---------------------------------------------------------------------- #}

{# The part of a change in value that is the entity's own: its change beyond the rate at which all
   others changed. #}
{% macro own_change(value, compared_value, total, compared_total) -%}
    {{ value }} - {{ compared_value }} * ({{ total }} - greatest({{ value }}, 0))
    / nullif({{ compared_total }} - greatest({{ compared_value }}, 0), 0)
{%- endmacro %}
