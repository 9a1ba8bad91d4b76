-- By hand: of Ulm's clients one has 512 and one 256, of Kiel's both have 128, and Bonn's
-- only client has never bought anything.
with

town_concentration as (select * from {{ ref('town_concentration') }}),

by_hand as (
    select
        'Ulm' as town,
        5 / 9e0 as hhi,
        1 / 6e0 as gini,
        ln(3e0) - 2 / 3e0 * ln(2e0) as shannon,
        1 / 6e0 as hoover,
        2 / 3e0 as top_share,
        2 as entities_to_80_percent
    union all
    select 'Kiel', 0.5e0, 0e0, ln(2e0), 0e0, 0.5e0, 2
)

select
    by_hand.town,
    town_concentration.hhi,
    town_concentration.gini,
    town_concentration.shannon
from by_hand
left join town_concentration on by_hand.town = town_concentration.town
where
    town_concentration.town is null
    or abs(town_concentration.hhi - by_hand.hhi) > 1e-15
    or abs(town_concentration.effective_number - 1 / by_hand.hhi) > 1e-14
    or abs(town_concentration.gini - by_hand.gini) > 1e-15
    or abs(town_concentration.shannon - by_hand.shannon) > 1e-15
    or abs(town_concentration.theil - (ln(2e0) - by_hand.shannon)) > 1e-15
    or abs(town_concentration.hoover - by_hand.hoover) > 1e-15
    or abs(town_concentration.top_share - by_hand.top_share) > 1e-15
    or town_concentration.entities_to_80_percent != by_hand.entities_to_80_percent
