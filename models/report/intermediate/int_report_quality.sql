{#- All rows, valid ones, those left out with the reason, and what valid rows lack. -#}
{%- set states = {
    'raw_rows': 'raw', 'valid_rows': 'valid', 'blank_rows': 'blank',
    'rejected_rows': 'rejected', 'rejected: %': 'reason', '%': 'warning'
} -%}
with

worded as (
    select
        *,
        row_number() over (
            partition by source_block
            order by
                case
                    {%- for check in states %}
                    when check_name like '{{ check }}' then {{ loop.index }}
                    {%- endfor %}
                end, row_count desc, check_name
        ) as position,
        case
            {%- for check, state in states.items() %}
            when check_name like '{{ check }}' then '{{ state }}'
            {%- endfor %}
        end as state
    from {{ ref('data_quality') }}
)

select
    {{ report_fact(
        section='quality',
        source='data_quality.row_count',
        key="concat(source_block, ', ', check_name)",
        series='source_block',
        position='position',
        label="case when state = 'reason' then "
            ~ first_upper(sentence('{check_name:spaced}')) ~ ' else description end',
        value='row_count',
        unit="'rows'",
        compared='row_share',
        state='state',
        detail="case when revenue is not null and '" ~ main_measure() ~ "' = 'revenue' "
            ~ "then concat('Revenue ', " ~ value_words("'revenue'", 'revenue') ~ ') end'
    ) }}
from worded
