{%- set nouns -%}
    case indices.dimension
        when 'customer' then {{ text_literal(label_for_several('customer')) }}
        else {{ text_literal(label_for_several('product')) }}
    end
{%- endset -%}
with

change_findings as (
    select * from {{ ref('int_change_findings') }}
),

change_echoes as (
    select * from {{ ref('int_change_echoes') }}
),

register_limits as (
    select * from {{ ref('int_register_limits') }}
    where has_risen
),

indices as (
    select * from {{ ref('concentration_indices') }}
),

compared_indices as (
    select * from indices
),

periods as (
    select * from {{ ref('int_periods') }}
),

finding_cells as (
    select * from {{ ref('int_finding_cells') }}
),

-- What a limit has said already is not said again as a change.
own_rows as (
    select change_findings.*
    from change_findings
    left join change_echoes
        on
            change_findings.dimension = change_echoes.dimension
            and change_findings.direction = change_echoes.direction
    left join register_limits
        on
            change_findings.dimension = register_limits.dimension
            and change_findings.entity_id = register_limits.entity_id
            and change_findings.direction = 'rose'
    where change_echoes.dimension is null and register_limits.dimension is null
),

-- What named falls took from the whole, each row once however many of them it is of.
fallen_cells as (
    select distinct
        finding_cells.cell_number,
        finding_cells.month_start,
        finding_cells.revenue
    from finding_cells
    inner join own_rows
        on
            finding_cells.kind = own_rows.direction
            and finding_cells.dimension = own_rows.dimension
    where own_rows.direction = 'fell'
),

named_falls as (
    select
        cast(sum(
            case
                when periods.period_start = own_rows.period_start
                    then fallen_cells.revenue
                else -fallen_cells.revenue
            end
        ) as double) as value_change
    from own_rows
    inner join periods
        on
            own_rows.period_grain = periods.period_grain
            and periods.period_start in (own_rows.period_start, own_rows.compared_start)
    inner join fallen_cells on periods.month_start = fallen_cells.month_start
    where own_rows.dimension = 'total'
),

-- A collapse of the whole that named entities explain has been said with them.
change_rows as (
    select
        own_rows.*,
        {{ measure_words('own_rows.measure') }} as measure_name,
        {{ period_words('own_rows.period_grain', 'own_rows.period_start') }}
            as period_name,
        {{ period_words('own_rows.period_grain', 'own_rows.compared_start') }}
            as compared_name,
        concat({{ dimension_label('own_rows.dimension') }}, ' ', own_rows.entity_label)
            as entity_name,
        concat(
            {{ amount_words('own_rows.measure', 'abs(own_rows.value_change)') }},
            case
                when own_rows.direction = 'fell' and own_rows.entity_value > 0
                    then concat(
                            ' (', {{ percent_words(
                                '-own_rows.value_change / own_rows.compared_value'
                            ) }}, ')'
                        )
                else ''
            end
        ) as change_words
    from own_rows
    cross join named_falls
    where
        own_rows.dimension != 'total'
        or coalesce(named_falls.value_change, 0) > own_rows.value_change / 2
),

-- How many there were and are, to say who is gone where the whole collapsed.
counts as (
    select
        change_rows.dimension,
        change_rows.direction,
        {{ joined_texts(
            "concat(cast(compared_indices.entity_count as string), ' ', "
            ~ nouns ~ ", ' before, ', "
            ~ "cast(indices.entity_count as string), ' now')",
            'indices.dimension'
        ) }} as count_words
    from change_rows
    inner join indices
        on
            change_rows.measure = indices.measure
            and change_rows.period_grain = indices.period_grain
            and change_rows.period_start = indices.period_start
            and indices.dimension in ('customer', 'product')
            and indices.entity_count > 0
    inner join compared_indices
        on
            indices.dimension = compared_indices.dimension
            and change_rows.measure = compared_indices.measure
            and change_rows.period_grain = compared_indices.period_grain
            and change_rows.compared_start = compared_indices.period_start
    where change_rows.dimension = 'total'
    group by change_rows.dimension, change_rows.direction
),

worded as (
    select
        change_rows.*,
        counts.count_words
    from change_rows
    left join counts
        on
            change_rows.dimension = counts.dimension
            and change_rows.direction = counts.direction
)

select
    case
        when dimension = 'total'
            then concat(
                    'All ', measure_name, ' fell from ',
                    {{ amount_words('measure', 'compared_value') }},
                    ' in ', compared_name, ' to ',
                    {{ amount_words('measure', 'entity_value') }},
                    ' in ', period_name, ', a loss of ', change_words
                )
        when movement = 'newest_rows_only'
            then concat(
                    entity_name, ' belongs to the newest rows: most of it is from ',
                    {{ period_words("'month'", 'mostly_since') }},
                    ' on, and it brings ', {{ percent_words('value_share') }}, ' of ',
                    measure_name, ' in ',
                    period_name
                )
        when movement = 'went_below_zero'
            then concat(
                    entity_name, ' went below zero, from ',
                    {{ amount_words('measure', 'compared_value') }},
                    ' in ', compared_name, ' to ',
                    {{ amount_words('measure', 'entity_value') }}, ' in ', period_name,
                    ', a loss of ', {{ amount_words('measure', '-value_change') }}
                )
        when movement = 'left'
            then concat(
                    entity_name, ' is gone: it brought ',
                    {{ percent_words('compared_share') }}, ' of ', measure_name, ' in ',
                    compared_name, ' and nothing since ', period_name,
                    ' began, a loss of ', change_words
                )
        else concat(
                entity_name,
                case direction
                    when 'fell' then ' fell from '
                    else ' grew from '
                end,
                {{ percent_words('compared_share') }}, ' to ',
                {{ percent_words('value_share') }}, ' of ', measure_name, ' in ',
                period_name, ' (against ', compared_name, '), a ',
                case direction when 'fell' then 'loss' else 'gain' end,
                ' of ', change_words
            )
    end as headline,
    concat_ws(
        '; ',
        case movement
            when 'launched'
                then concat(
                        'it is new, first seen in ',
                        {{ period_words("'month'", 'first_month') }}
                    )
            when 'came_back' then concat('it brought nothing in ', compared_name)
            when 'newest_rows_only'
                then 'a new value, or a state that orders pass through'
        end,
        case
            when effective_transactions < 1.5 then 'all of it in one order'
            when effective_transactions < {{ var('few_orders') }}
                then 'most of it in a few orders'
        end,
        count_words,
        case
            when other_entities is not null
                then concat(
                        case direction
                            when 'fell' then 'so fell '
                            else 'so grew '
                        end, other_entities
                    )
        end,
        case
            when movement != 'newest_rows_only'
                then concat(
                        {{ amount_words('measure', 'abs(yearly_change)') }},
                        ' a year at the rate of ', period_name
                    )
        end
    ) as details,
    direction as status,
    dimension,
    entity_id,
    entity_label,
    measure,
    case
        when movement = 'newest_rows_only'
            then 'Compare again when these orders are settled'
        when direction = 'fell'
            then 'Find out why, whether it comes back, and what replaces it'
        else 'Find out what changed, whether it will last, and what if it ends'
    end as what_to_do,
    case
        when
            effective_transactions < {{ var('few_orders') }}
            or q_value > {{ var('false_discovery_rate') }}
            then 'few orders'
        when dispersion >= {{ var('burst_dispersion') }} then 'orders in bursts'
        else 'beyond noise'
    end as confidence,
    'value_changes' as evidence_model,
    concat_ws(
        ', ', dimension, period_grain, comparison, nullif(entity_id, '')
    ) as evidence_key,
    case when movement != 'newest_rows_only' then abs(yearly_change) end
        as money_at_risk,
    case
        when movement != 'newest_rows_only'
            then concat('per year, at the rate of ', period_name)
    end as money_basis,
    direction = 'rose' as has_risen,
    period_start
from worded
