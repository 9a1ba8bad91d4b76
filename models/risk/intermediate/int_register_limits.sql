with

limit_findings as (
    select * from {{ ref('int_limit_findings') }}
),

limit_echoes as (
    select * from {{ ref('int_limit_echoes') }}
),

rises as (
    select * from {{ ref('int_change_findings') }}
    where direction = 'rose'
),

histories as (
    select * from {{ ref('int_entity_histories') }}
),

dispersions as (
    select * from {{ ref('int_entity_dispersions') }}
),

hhi_dispersions as (
    select * from {{ ref('int_hhi_dispersions') }}
),

-- A customer or product at its warning level, without whom a broken limit would hold.
causes as (
    select
        limit_echoes.said_by_dimension as dimension,
        {{ joined_texts(
            "concat(lower(" ~ dimension_label('limit_findings.dimension') ~ "), ' ', "
            ~ "limit_findings.entity_label)", 'limit_findings.dimension'
        ) }} as cause_names
    from limit_echoes
    inner join limit_findings
        on
            limit_echoes.dimension = limit_findings.dimension
            and limit_findings.is_single_name
            and limit_findings.measure = '{{ main_measure() }}'
    where limit_echoes.is_cause
    group by limit_echoes.said_by_dimension
),

limit_rows as (
    select
        limit_findings.*,
        causes.cause_names,
        rises.compared_share is not null as has_risen,
        histories.new_since,
        histories.last_before_gone,
        case
            when histories.last_before_gone is not null then 'it brought '
            else 'losing it costs '
        end as loss_words,
        case
            when limit_findings.is_single_name then dispersions.dispersion
            else hhi_dispersions.dispersion
        end >= {{ var('burst_dispersion') }} as is_in_bursts,
        concat(
            'it grew from ', {{ percent_words('rises.compared_share') }}, ' in ',
            {{ period_words('rises.period_grain', 'rises.compared_start') }}, ' to ',
            {{ percent_words('rises.value_share') }}, ' in ',
            {{ period_words('rises.period_grain', 'rises.period_start') }}
        ) as rise_words,
        {{ period_words('limit_findings.period_grain', 'limit_findings.period_start') }}
            as period_name,
        {{ measure_words('limit_findings.measure') }} as measure_name,
        {{ indicator_words('limit_findings.indicator') }} as indicator_name,
        {{ indicator_value_words(
            'limit_findings.indicator', 'limit_findings.indicator_value'
        ) }} as value_name,
        concat(
            case limit_findings.direction
                when 'below' then 'below the '
                else 'above the '
            end,
            case limit_findings.status
                when 'breach' then 'limit of '
                else 'warning level of '
            end,
            {{ indicator_value_words(
                'limit_findings.indicator', 'limit_findings.threshold'
            ) }}
        ) as threshold_words,
        -- What several bring together is said of all; else the largest comes first.
        not limit_findings.is_single_name
        and {{ is_share('limit_findings.indicator') }} as is_group_share,
        row_number() over (
            partition by
                limit_findings.dimension,
                limit_findings.measure,
                limit_findings.entity_id
            order by
                case limit_findings.status when 'breach' then 1 else 2 end,
                limit_findings.is_single_name desc
        ) as priority
    from limit_findings
    left join limit_echoes
        on
            limit_findings.dimension = limit_echoes.dimension
            and limit_findings.is_single_name = limit_echoes.is_single_name
            and limit_findings.measure = '{{ main_measure() }}'
    left join causes
        on
            limit_findings.dimension = causes.dimension
            and limit_findings.status = 'breach'
    left join rises
        on
            limit_findings.dimension = rises.dimension
            and limit_findings.entity_id = rises.entity_id
            and limit_findings.measure = rises.measure
    left join histories
        on
            limit_findings.dimension = histories.dimension
            and limit_findings.entity_id = histories.entity_id
    left join dispersions
        on
            limit_findings.dimension = dispersions.dimension
            and limit_findings.entity_id = dispersions.entity_id
    left join hhi_dispersions
        on
            limit_findings.dimension = hhi_dispersions.dimension
            and limit_findings.measure = hhi_dispersions.measure
    where limit_echoes.dimension is null
),

-- The limit on a name and the limit on the whole that this name leads are one cause:
-- the broken one speaks for both.
other_rows as (
    select * from limit_rows
    where priority = 2
)

select
    concat(
        {{ dimension_label('limit_rows.dimension') }},
        case
            when limit_rows.is_group_share
                then concat(
                        ': ', limit_rows.indicator_name, ' of ',
                        limit_rows.measure_name, ' is ', limit_rows.value_name
                    )
            else concat(
                    ' ', limit_rows.entity_label, ' brings ',
                    {{ percent_words('limit_rows.value_share') }}, ' of ',
                    limit_rows.measure_name
                )
        end,
        ' in ', limit_rows.period_name,
        case
            when limit_rows.is_single_name or limit_rows.is_group_share
                then concat(', ', limit_rows.threshold_words)
            else ''
        end
    ) as headline,
    nullif(concat_ws(
        '; ',
        case
            when not limit_rows.is_single_name and not limit_rows.is_group_share
                then concat(
                        limit_rows.indicator_name, ' ', limit_rows.value_name, ' is ',
                        limit_rows.threshold_words
                    )
        end,
        case
            when other_rows.limit_id is not null
                then concat(
                        other_rows.indicator_name, ' ', other_rows.value_name, ' in ',
                        other_rows.period_name, ' is ', other_rows.threshold_words
                    )
        end,
        case
            when limit_rows.is_single_name and limit_rows.over_count > 1
                then concat(
                        cast(limit_rows.over_count as string), ' are above ',
                        {{ percent_words('limit_rows.warn_at') }}
                    )
            when limit_rows.is_group_share
                then concat(
                        limit_rows.entity_label, ' alone brings ',
                        {{ percent_words('limit_rows.value_share') }}
                    )
        end,
        case
            when limit_rows.cause_names is not null
                then concat('without ', limit_rows.cause_names, ' it would hold')
        end,
        case
            when limit_rows.new_since is not null
                then concat(
                        'it is new, first seen in ',
                        {{ period_words("'month'", 'limit_rows.new_since') }}
                    )
        end,
        case
            when limit_rows.last_before_gone is not null
                then concat(
                        'it has brought nothing since ',
                        {{ period_words("'month'", 'limit_rows.last_before_gone') }}
                    )
        end,
        case when limit_rows.has_risen then limit_rows.rise_words end,
        case
            when limit_rows.effective_transactions < 1.5 then 'all of it in one order'
            when limit_rows.effective_transactions < {{ var('few_orders') }}
                then 'most of it in a few orders'
        end,
        case
            when
                limit_rows.measure = '{{ main_measure() }}'
                and limit_rows.period_grain = 'year'
                then concat(
                        limit_rows.loss_words,
                        {{ revenue_words('limit_rows.entity_value') }},
                        ' a year'
                    )
            -- No row has a date.
            when
                limit_rows.measure = '{{ main_measure() }}'
                and limit_rows.yearly_value is null
                then concat(
                        limit_rows.loss_words,
                        {{ revenue_words('limit_rows.entity_value') }}
                    )
            when limit_rows.measure = '{{ main_measure() }}'
                then concat(
                        limit_rows.loss_words,
                        {{ revenue_words('limit_rows.entity_value') }},
                        ', or ', {{ revenue_words('limit_rows.yearly_value') }},
                        ' a year at that rate'
                    )
        end,
        case
            when
                limit_rows.unattributed_share > {{ var('register_unattributed_share') }}
                then concat(
                        {{ percent_words('limit_rows.unattributed_share') }}, ' of ',
                        limit_rows.measure_name, ' names no ',
                        lower({{ dimension_label('limit_rows.dimension') }})
                    )
        end
    ), '') as details,
    limit_rows.status,
    limit_rows.dimension,
    limit_rows.entity_id,
    limit_rows.entity_label,
    limit_rows.measure,
    limit_rows.action as what_to_do,
    case
        when limit_rows.effective_transactions < {{ var('few_orders') }}
            then 'few orders'
        when limit_rows.is_in_bursts then 'orders in bursts'
        when limit_rows.is_beyond_noise then 'beyond noise'
        else 'within noise of the limit'
    end as confidence,
    'limit_status' as evidence_model,
    concat(limit_rows.limit_id, ', ', limit_rows.dimension) as evidence_key,
    case
        when limit_rows.measure = '{{ main_measure() }}'
            then coalesce(limit_rows.yearly_value, limit_rows.entity_value)
    end as money_at_risk,
    case
        when
            limit_rows.measure = '{{ main_measure() }}'
            and limit_rows.yearly_value is null
            then concat('in ', limit_rows.period_name)
        when limit_rows.measure = '{{ main_measure() }}'
            then concat('per year, at the rate of ', limit_rows.period_name)
    end as money_basis,
    limit_rows.has_risen,
    limit_rows.period_start
from limit_rows
left join other_rows
    on
        limit_rows.dimension = other_rows.dimension
        and limit_rows.measure = other_rows.measure
        and limit_rows.entity_id = other_rows.entity_id
where limit_rows.priority = 1
