{%- set dimensions = dimensions_from('interactions') -%}

with

interactions as (
    select
        *,
        cast(date_trunc('month', interacted_at) as date) as month_start
    from {{ ref('interactions') }}
)

select
    {{ attribute_name(dimensions) }} as dimension,
    {{ attribute_value(dimensions) }} as entity_id,
    month_start,
    {{ measure_sums() }}
from interactions
group by grouping sets ( -- noqa: PRS
    {{ attribute_sets(dimensions) }}
)
