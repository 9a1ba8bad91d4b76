{{ config(materialized='kept', incremental_strategy='by_month') }}
-- depends_on: {{ ref('int_periods') }}

with

interaction_facts as (select * from {{ ref('interaction_facts') }}),

-- Comparing texts is expensive, so only texts that the mapping has are counted.
counted as (
    {%- for dimension, role, column in described_in_rows() %}
    select
        '{{ dimension }}' as dimension,
        '{{ role }}' as text_role,
        {{ dimension }}_key as entity_key,
        {{ column }} as entity_text,
        month_start,
        count(*) as row_count
    from interaction_facts
    where {{ dimension }}_key is not null and {{ column }} is not null
    group by {{ dimension }}_key, {{ column }}, month_start
    {{ 'union all' if not loop.last }}
    {%- else %}
    select
        cast(null as string) as dimension,
        cast(null as string) as text_role,
        cast(null as bigint) as entity_key,
        cast(null as string) as entity_text,
        month_start,
        count(*) as row_count
    from interaction_facts
    where false
    group by month_start
    {%- endfor %}
)

select * from counted
