{%- set worst_first -%}
    case status when 'breach' then 1 else 2 end,
                entity_value desc,
                limit_id
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

-- A broken limit on one name is a fact of the books; one on a whole distribution must
-- be beyond noise to be worth somebody's time.
broken as (
    select
        limit_status.limit_id,
        limit_status.dimension,
        limit_status.measure,
        limit_status.indicator,
        limit_status.period_grain,
        limit_status.direction,
        limit_status.status,
        limit_status.action,
        limit_status.over_count,
        limit_status.indicator_value,
        limit_status.warn_at,
        limit_status.is_beyond_noise,
        limit_status.period_start,
        limit_values.hhi,
        limit_values.entity_count,
        limit_values.unattributed_share,
        leaders.entity_id,
        leaders.entity_label,
        leaders.value_share,
        leaders.total_value,
        leaders.value_share * leaders.total_value as entity_value,
        case
            when limit_status.status = 'breach' then limit_status.breach_at
            else limit_status.warn_at
        end as threshold,
        limit_status.indicator in ('entity_share', 'cr1') as is_single_name
    from limit_status
    inner join limit_values
        on
            limit_status.limit_id = limit_values.limit_id
            and limit_status.dimension = limit_values.dimension
            and limit_status.period_start = limit_values.period_start
    inner join leaders
        on
            limit_status.dimension = leaders.dimension
            and limit_status.measure = leaders.measure
            and limit_status.period_grain = leaders.period_grain
            and limit_status.period_start = leaders.period_start
    where
        limit_status.status = 'breach' and limit_status.indicator = 'entity_share'
        or limit_status.status in ('breach', 'warn') and limit_status.is_beyond_noise
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
                then
                    (hhi - {{ squared('value_share') }})
                    / nullif({{ squared('1 - value_share') }}, 0)
            when named_entity_id = entity_id and indicator = 'hhi_normalized'
                then
                    {{ normalized_hhi(
                        '(hhi - ' ~ squared('value_share') ~ ')'
                        ~ ' / nullif(' ~ squared('1 - value_share') ~ ', 0)',
                        '(entity_count - 1)'
                    ) }}
        end as indicator_without_named
    from named
),

-- Several limits on the same name, or on the same whole, say one thing: of those that
-- are no echo of the name, the worst speaks.
spoken as (
    select
        *,
        row_number() over (
            partition by dimension, measure, is_single_name
            order by
                {{ worst_first }}
        ) as voice
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
    total_value,
    unattributed_share,
    is_single_name,
    is_beyond_noise,
    period_start
from spoken
where voice = 1
