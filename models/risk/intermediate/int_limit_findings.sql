{%- set worst_first -%}
    case status when 'breach' then 1 else 2 end,
                entity_value desc,
                limit_id
{%- endset -%}
{#- Where nobody is left, nothing is concentrated. -#}
{%- set hhi_of_others -%}
    coalesce(
                        (hhi - {{ squared('value_share') }})
                        / nullif({{ squared('1 - value_share') }}, 0),
                        0
                    )
{%- endset -%}
with

limit_status as (
    select * from {{ ref('limit_status') }}
    where is_latest_complete
),

limit_values as (
    select * from {{ ref('int_limit_values') }}
),

leaders as (
    select * from {{ ref('int_period_leaders') }}
),

entity_values as (
    select * from {{ ref('int_entity_values') }}
),

-- A broken limit on one name is a fact of the books; one on a whole distribution must
-- be beyond noise, at its warning level at least, to be worth somebody's time.
judged as (
    select
        limit_status.*,
        case limit_status.status
            when 'breach' then limit_status.breach_at
            else limit_status.warn_at
        end as threshold
    from limit_status
    where
        limit_status.status in ('breach', 'warn')
        and (
            {{ is_beyond_with_noise('limit_status', 'warn_at') }}
            or (
                limit_status.status = 'breach'
                and limit_status.indicator = 'entity_share'
            )
        )
),

broken as (
    select
        judged.limit_id,
        judged.dimension,
        judged.measure,
        judged.indicator,
        judged.period_grain,
        judged.direction,
        judged.status,
        judged.action,
        judged.over_count,
        judged.indicator_value,
        judged.warn_at,
        judged.is_beyond_noise,
        judged.threshold,
        judged.period_start,
        limit_values.hhi,
        limit_values.entity_count,
        limit_values.unattributed_share,
        leaders.entity_id,
        leaders.entity_label,
        leaders.value_share,
        leaders.total_value,
        leaders.value_share * leaders.total_value as entity_value,
        {{ squared('leaders.value_share * leaders.total_value') }} / nullif(
            {{ measure_squares('judged.measure', 'entity_values') }}, 0
        ) as effective_transactions,
        case
            when judged.period_grain = 'all'
                then
                    leaders.value_share * leaders.total_value * 365.25 / (1e0 + {{
                        dbt.datediff('judged.period_start', 'judged.period_end', 'day')
                    }})
            else {{ per_year(
                'leaders.value_share * leaders.total_value', 'judged.period_grain'
            ) }}
        end as yearly_value,
        judged.indicator in ('entity_share', 'cr1') as is_single_name
    from judged
    inner join limit_values
        on
            judged.limit_id = limit_values.limit_id
            and judged.dimension = limit_values.dimension
            and judged.period_start = limit_values.period_start
    inner join leaders
        on
            judged.dimension = leaders.dimension
            and judged.measure = leaders.measure
            and judged.period_grain = leaders.period_grain
            and judged.period_start = leaders.period_start
    left join entity_values
        on
            leaders.dimension = entity_values.dimension
            and leaders.period_grain = entity_values.period_grain
            and leaders.period_start = entity_values.period_start
            and leaders.entity_key = entity_values.entity_key
),

-- Whom the worst limit on a single name is about.
named as (
    select
        *,
        first_value(case when is_single_name then entity_id end) over (
            partition by dimension, measure
            order by
                case when is_single_name then 1 else 2 end,
                {{ worst_first }}
        ) as named_entity_id
    from broken
),

-- Without the one that is named already, would the whole still be beyond its limit?
without_named as (
    select
        *,
        case
            when named_entity_id = entity_id and indicator = 'hhi'
                then {{ hhi_of_others }}
            when named_entity_id = entity_id and indicator = 'hhi_normalized'
                then {{ normalized_hhi(hhi_of_others, '(entity_count - 1)') }}
        end as indicator_without_named
    from named
),

-- Several limits on the same name, or on the same whole, say one thing: of those that
-- are no echo of the name, the worst speaks.
ordered as (
    select
        *,
        row_number() over (
            partition by dimension, measure, is_single_name
            order by
                {{ worst_first }}
        ) as priority
    from without_named
    where
        is_single_name
        or indicator_without_named is null
        or indicator_without_named >= threshold
)

select
    limit_id,
    dimension,
    measure,
    indicator,
    period_grain,
    direction,
    status,
    action,
    entity_id,
    entity_label,
    over_count,
    entity_count,
    indicator_value,
    threshold,
    warn_at,
    hhi,
    value_share,
    entity_value,
    yearly_value,
    effective_transactions,
    total_value,
    unattributed_share,
    is_single_name,
    is_beyond_noise,
    period_start
from ordered
where priority = 1
