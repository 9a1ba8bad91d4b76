-- Ranks count up from 1 without gaps, and no row has more money at risk than the one
-- before.
with

risk_register as (select * from {{ ref('risk_register') }}),

neighbours as (
    select
        register_rank,
        title,
        money_at_risk,
        lag(register_rank, 1, 0) over (order by register_rank) as rank_before,
        lag(money_at_risk) over (order by register_rank) as money_before
    from risk_register
)

select * from neighbours
where
    register_rank != rank_before + 1
    or money_at_risk > money_before
    or (money_at_risk is not null and money_before is null and register_rank > 1)
