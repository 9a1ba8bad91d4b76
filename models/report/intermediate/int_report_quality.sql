with

data_quality as (
    select * from {{ ref('data_quality') }}
),

-- What came in, what of it is used, what is left out and why, what the used rows lack.
kinds as (
    select
        *,
        case
            when check_name = 'raw_rows' then 1
            when check_name = 'valid_rows' then 2
            when check_name = 'blank_rows' then 3
            when check_name = 'rejected_rows' then 4
            when check_name like 'rejected: %' then 5
            else 6
        end as kind
    from data_quality
)

select
    'quality' as section,
    source_block as series,
    cast(
        row_number() over (
            partition by source_block
            order by kind, row_count desc, check_name
        ) as integer
    ) as position,
    case
        when kind = 5 then concat('R', replace(substr(check_name, 2), '_', ' '))
        else description
    end as label,
    cast(row_count as double) as fact_value,
    'rows' as unit,
    cast(null as double) as interval_low,
    cast(null as double) as interval_high,
    row_share as comparison_value,
    case kind
        when 1 then 'raw'
        when 2 then 'valid'
        when 3 then 'blank'
        when 4 then 'rejected'
        when 5 then 'reason'
        else 'warning'
    end as state,
    case
        when revenue is not null and '{{ main_measure() }}' = 'revenue'
            then concat('Revenue ', {{ value_words("'revenue'", 'revenue') }})
    end as detail,
    'data_quality' as source_model,
    'row_count' as source_column,
    concat(source_block, ', ', check_name) as source_key
from kinds
