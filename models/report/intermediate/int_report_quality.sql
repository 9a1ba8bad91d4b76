with

-- All rows, those that are used, those that are left out and why, and what the used
-- rows lack.
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
    from {{ ref('data_quality') }}
),

worded as (
    select
        *,
        row_number() over (
            partition by source_block
            order by kind, row_count desc, check_name
        ) as position,
        case
            when kind = 5 then concat('R', replace(substr(check_name, 2), '_', ' '))
            else description
        end as label,
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
        end as detail
    from kinds
)

select
    {{ report_fact(
        section='quality',
        source='data_quality.row_count',
        key="concat(source_block, ', ', check_name)",
        series='source_block',
        position='position',
        label='label',
        value='row_count',
        unit="'rows'",
        compared='row_share',
        state='state',
        detail='detail'
    ) }}
from worded
