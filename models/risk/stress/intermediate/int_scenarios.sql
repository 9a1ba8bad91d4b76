with

scenarios as (
    {{ rules('scenarios', ref('stress_scenarios')) }}
),

numbered as (
    select
        *,
        row_number() over (order by scenario_id) as scenario_number,
        {% for end in ['first', 'last'] -%}
        case
            when kind = 'hours'
                then try_cast(split_part(parameter, '-', {{ loop.index }}) as integer)
        end as {{ end }}_hour{{ ',' if not loop.last }}
        {% endfor %}
    from scenarios
)

select
    scenario_id,
    dimension,
    measure,
    kind,
    parameter,
    case when kind = 'top_count' then try_cast(parameter as double) end as top_count,
    case when kind = 'top_percent' then try_cast(parameter as decimal(9, 4)) end
        as top_percent,
    first_hour,
    -- The clock is a circle: 22-2 are the hours from 22:00 to 2:59.
    1 + mod(last_hour - first_hour + 24, 24) as hour_count,
    lost_share,
    {{ in_own_words('description') }} as description,
    scenario_number,
    case
        when scenario_number <= {{ most_bits() }}
            then cast(power(2, scenario_number - 1) as bigint)
    end as scenario_bit
from numbered
