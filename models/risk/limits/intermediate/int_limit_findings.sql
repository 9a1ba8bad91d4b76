{#- Longer than others: each rule for choosing among several broken limits takes a
    step. -#}
{#- HHI of all entities except the largest; 0 if there are no others. -#}
{%- set others_hhi -%}
    coalesce(
        (hhi - {{ squared('value_share') }})
        / nullif({{ squared('1 - value_share') }}, 0), 0
    )
{%- endset -%}
{%- set worst_first = "case status when 'breach' then 1 else 2 end, "
    ~ 'entity_value desc, limit_id' -%}
with

limit_status as (
    select
        *,
        case status when 'breach' then breach_at else warn_at end as threshold,
        {{ is_single_name('indicator') }} as is_single_name
    from {{ ref('limit_status') }}
    where is_latest_complete and status in ('breach', 'warn')
),

indices as (select * from {{ ref('concentration_indices') }}),

leaders as (
    select * from {{ ref('int_leading_entities') }}
    where is_largest
),

entity_values as (select * from {{ ref('int_entity_values') }}),

-- A broken limit on a single name is a fact of the books. A limit on a whole
-- distribution must be beyond noise, at least at its warning level, to deserve
-- attention.
broken as (
    select
        limit_status.*,
        indices.hhi,
        indices.entity_count,
        cast(indices.total_value as double) as total_value,
        {{ share_of(
            'indices.unattributed_value',
            'indices.total_value + indices.unattributed_value'
        ) }} as unattributed_share,
        leaders.entity_key,
        leaders.entity_id,
        leaders.entity_label,
        leaders.value_share,
        leaders.value_share * leaders.total_value as entity_value,
        {{ measure_squares('limit_status.measure', 'entity_values') }} as value_squares
    from limit_status
    inner join indices
        on {{ same_keys(
            'limit_status', 'indices', 'dimension, measure, period_grain, period_start'
        ) }}
    inner join leaders
        on {{ same_keys(
            'limit_status', 'leaders', 'dimension, measure, period_grain, period_start'
        ) }}
    left join entity_values
        on {{ same_keys(
            'leaders', 'entity_values',
            'dimension, period_grain, period_start, entity_key'
        ) }}
    where
        {{ is_beyond_with_noise(
            'limit_status.interval_low', 'limit_status.interval_high',
            'limit_status.warn_at', 'limit_status.direction'
        ) }}
        or limit_status.status = 'breach' and limit_status.indicator = 'entity_share'
),

-- The entity behind the worst limit on a single name.
named as (
    select
        *,
        first_value(case when is_single_name then entity_key end) over (
            partition by dimension, measure
            order by case when is_single_name then 1 else 2 end, {{ worst_first }}
        ) as named_key
    from broken
),

-- Would the limit on the whole still be broken without the entity that is already
-- named?
without_named as (
    select
        *,
        case
            when named_key = entity_key and indicator = 'hhi' then {{ others_hhi }}
            when named_key = entity_key and indicator = 'hhi_normalized'
                then {{ normalized_hhi(others_hhi, '(entity_count - 1)') }}
        end as indicator_without_named
    from named
),

-- Several limits on the same name, or on the same whole, are one finding: only the
-- worst is kept.
ordered as (
    select
        *,
        row_number() over (
            partition by dimension, measure, is_single_name
            order by {{ worst_first }}
        ) as priority
    from without_named
    where
        is_single_name
        or indicator_without_named is null
        or indicator_without_named >= threshold
)

select
    *,
    {{ squared('entity_value') }} / nullif(value_squares, 0) as effective_transactions,
    case
        when period_grain = 'all'
            then
                entity_value * 365.25
                / (1e0 + {{ dbt.datediff('period_start', 'period_end', 'day') }})
        else {{ per_year('entity_value', 'period_grain') }}
    end as yearly_value
from ordered
where priority = 1
