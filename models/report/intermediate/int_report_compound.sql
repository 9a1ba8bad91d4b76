{%- set measure_name = measure_words('measure') -%}
with

compound_exposure as (
    select * from {{ ref('compound_exposure') }}
)

select
    'compound' as section,
    '' as series,
    cast(
        row_number() over (
            order by revenue_share desc, combination
        ) as integer
    ) as position,
    concat(upper(substr(combination, 1, 1)), substr(combination, 2)) as label,
    revenue_share as fact_value,
    'share' as unit,
    cast(null as double) as interval_low,
    cast(null as double) as interval_high,
    independent_share as comparison_value,
    cast(null as string) as state,
    concat(
        upper(substr({{ measure_name }}, 1, 1)), substr({{ measure_name }}, 2), ' ',
        {{ value_words('measure', 'revenue') }}
    ) as detail,
    'compound_exposure' as source_model,
    'revenue_share' as source_column,
    combination as source_key
from compound_exposure
