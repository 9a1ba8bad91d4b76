{{ config(severity='warn') }}

with

interaction_facts as (select * from {{ ref('interaction_facts') }}),
loaded_files as (select * from {{ ref('loaded_files') }}),

data_span as (
    {{ data_span(ref('int_day_activity')) }}
),

far_off as (
    select
        interaction_facts.file_key,
        cast(interaction_facts.interacted_at as date) as date_day,
        min(data_span.first_date) as first_date,
        min(data_span.last_date) as last_date,
        count(*) as row_count
    from interaction_facts
    cross join data_span
    where
        cast(interaction_facts.interacted_at as date) < data_span.first_date
        or cast(interaction_facts.interacted_at as date) > data_span.last_date
    group by interaction_facts.file_key, date_day
)

select
    loaded_files.source_file,
    far_off.date_day,
    concat(
        loaded_files.source_file, ': ', far_off.row_count,
        case when far_off.row_count = 1 then ' row is of ' else ' rows are of ' end,
        cast(far_off.date_day as string), ', the others of ',
        cast(far_off.first_date as string), ' to ', cast(far_off.last_date as string),
        '; correct the file, or name what is wrong under leave_out in the mapping'
    ) as message
from far_off
inner join loaded_files on far_off.file_key = loaded_files.file_key
order by loaded_files.source_file, far_off.date_day
