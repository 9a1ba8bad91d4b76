with

overview as (
    select * from {{ ref('int_report_overview') }}
),

headline as (
    select * from {{ ref('int_report_headline') }}
),

limits as (
    select * from {{ ref('int_report_limits') }}
),

concentration as (
    select * from {{ ref('int_report_concentration') }}
),

lorenz as (
    select * from {{ ref('int_report_lorenz') }}
),

bars as (
    select * from {{ ref('int_report_bars') }}
),

heat_map as (
    select * from {{ ref('int_report_heat_map') }}
),

trend as (
    select * from {{ ref('int_report_trend') }}
),

changes as (
    select * from {{ ref('int_report_changes') }}
),

value_changes as (
    select * from {{ ref('int_report_value_changes') }}
),

stress as (
    select * from {{ ref('int_report_stress') }}
),

reverse_stress as (
    select * from {{ ref('int_report_reverse_stress') }}
),

compound as (
    select * from {{ ref('int_report_compound') }}
),

quality as (
    select * from {{ ref('int_report_quality') }}
),

attention as (
    select * from {{ ref('int_report_attention') }}
),

labels as (
    select * from {{ ref('int_report_labels') }}
)

select * from overview
union all
select * from headline
union all
select * from limits
union all
select * from concentration
union all
select * from lorenz
union all
select * from bars
union all
select * from heat_map
union all
select * from trend
union all
select * from changes
union all
select * from value_changes
union all
select * from stress
union all
select * from reverse_stress
union all
select * from compound
union all
select * from quality
union all
select * from attention
union all
select * from labels
