with

spectrum as (
    select
        *,
        {{ relative_value() }} as relative_value
    from {{ ref('int_stress_limit_spectrum') }}
),

limit_status as (
    select * from {{ ref('limit_status') }}
    where is_latest_complete and status != 'not_measurable'
),

sums as (
    select
        scenario_id,
        dimension,
        measure,
        period_grain,
        max(member_count) as entity_count,
        {% for k in [1, 4, 5, 10, 20] -%}
        {{ concentration_ratio(k) }} as cr{{ k }},
        {% endfor -%}
        {% for percent in [1, 5, 10, 20] -%}
        {{ concentration_ratio(top_percent_count(percent)) }}
            as top_{{ percent }}pct_share,
        {% endfor -%}
        {{ relative_variance() }} as relative_variance,
        {{ shannon_entropy() }} as shannon_entropy,
        {{ gini_of_spectrum() }} as gini,
        {{ rank_weighted_share() }} as rank_weighted_share,
        {{ theil_t() }} as theil_t,
        {{ mean_deviation() }} as mean_deviation
    from spectrum
    group by scenario_id, dimension, measure, period_grain
),

indices as (
    select
        *,
        {{ hhi_of_sums() }} as hhi,
        {{ hhi_normalized() }} as hhi_normalized,
        {{ effective_number_of_sums() }} as effective_number,
        {{ gini_unbiased() }} as gini_unbiased,
        {{ hall_tideman() }} as hall_tideman,
        {{ hoover_of_sums() }} as hoover
    from sums
),

measured as (
    select
        indices.scenario_id,
        indices.dimension,
        indices.measure,
        indices.period_grain,
        limit_status.limit_id,
        limit_status.indicator,
        limit_status.direction,
        limit_status.status as status_before,
        limit_status.breach_at,
        limit_status.indicator_value as value_before,
        {{ indicator_value('limit_status.indicator') }} as value_after
    from indices
    inner join limit_status
        on
            indices.dimension = limit_status.dimension
            and indices.measure = limit_status.measure
            and indices.period_grain = limit_status.period_grain
)

select
    *,
    case
        when value_after is null then 'nothing left'
        when not {{ is_beyond('value_after', 'breach_at') }} then 'holds'
        when status_before = 'breach' then 'already broken'
        else 'breaks'
    end as limit_outcome
from measured
