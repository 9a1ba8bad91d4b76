{%- set measure_name = measure_words('measure') -%}
with

compound_exposure as (
    select
        *,
        row_number() over (order by revenue_share desc, combination) as position,
        concat(upper(substr(combination, 1, 1)), substr(combination, 2)) as label,
        concat(
            upper(substr({{ measure_name }}, 1, 1)), substr({{ measure_name }}, 2), ' ',
            {{ value_words('measure', 'revenue') }}
        ) as detail
    from {{ ref('compound_exposure') }}
)

select
    {{ report_fact(
        section='compound',
        source='compound_exposure.revenue_share',
        key='combination',
        position='position',
        label='label',
        value='revenue_share',
        unit="'share'",
        compared='independent_share',
        detail='detail'
    ) }}
from compound_exposure
