with

report_facts as (
    {%- for section in [
        ref('int_report_overview'),
        ref('int_report_headline'),
        ref('int_report_limits'),
        ref('int_report_concentration'),
        ref('int_report_lorenz'),
        ref('int_report_bars'),
        ref('int_report_heat_map'),
        ref('int_report_trend'),
        ref('int_report_changes'),
        ref('int_report_value_changes'),
        ref('int_report_stress'),
        ref('int_report_reverse_stress'),
        ref('int_report_compound'),
        ref('int_report_quality'),
        ref('int_report_attention'),
        ref('int_report_labels'),
    ] %}
    select * from {{ section }}
    {{ 'union all' if not loop.last }}
    {%- endfor %}
)

select * from report_facts
