{{ config(
    materialized=kept_table(),
    pre_hook="{{ forget_stale('int_month_files', ['month_start', 'month_key']) }}"
) }}

with

interactions as (
    select
        *,
        {{ month_of('interacted_at') }} as month_start
    from {{ ref('interactions') }}
    where {{ is_to_sum('int_month_files', {'month_start': month_of('interacted_at')}) }}
),

month_files as (
    select * from {{ ref('int_month_files') }}
),

-- Texts are costly to compare: only those that the mapping has are counted.
counted as (
    {%- for dimension, role, column in described_in_rows() %}
    select
        '{{ dimension }}' as dimension,
        '{{ role }}' as text_role,
        {{ dimension }}_id as entity_id,
        {{ column }} as entity_text,
        month_start,
        count(*) as row_count
    from interactions
    where {{ dimension }}_id is not null and {{ column }} is not null
    group by {{ dimension }}_id, {{ column }}, month_start
    {{ 'union all' if not loop.last }}
    {%- else %}
    select
        cast(null as string) as dimension,
        cast(null as string) as text_role,
        cast(null as string) as entity_id,
        cast(null as string) as entity_text,
        month_start,
        count(*) as row_count
    from interactions
    where false
    group by month_start
    {%- endfor %}
)

select
    counted.*,
    month_files.month_key
from counted
inner join month_files on counted.month_start = month_files.month_start
