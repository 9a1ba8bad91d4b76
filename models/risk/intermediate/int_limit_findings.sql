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

-- A broken limit on one name is a fact of the books; one on a whole distribution must
-- be beyond noise to be worth somebody's time. What is beyond its limit, but by more
-- than noise beyond the warning level alone, is a warning.
judged as (
    select
        limit_status.*,
        case
            when
                limit_status.status = 'breach'
                and (
                    limit_status.is_beyond_noise
                    or limit_status.indicator = 'entity_share'
                )
                then 'breach'
            when
                limit_status.status in ('breach', 'warn')
                and {{ is_beyond_with_noise('limit_status', 'warn_at') }}
                then 'warn'
        end as known_status
    from limit_status
),

broken as (
    select
        judged.limit_id,
        judged.dimension,
        judged.measure,
        judged.indicator,
        judged.period_grain,
        judged.direction,
        judged.known_status as status,
        judged.action,
        judged.over_count,
        judged.indicator_value,
        judged.warn_at,
        judged.known_status = 'warn' or judged.is_beyond_noise as is_beyond_noise,
        judged.period_start,
        limit_values.hhi,
        limit_values.entity_count,
        limit_values.unattributed_share,
        leaders.entity_id,
        leaders.entity_label,
        leaders.value_share,
        leaders.total_value,
        leaders.value_share * leaders.total_value as entity_value,
        case
            when judged.known_status = 'breach' then judged.breach_at
            else judged.warn_at
        end as threshold,
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
    where judged.known_status is not null
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
