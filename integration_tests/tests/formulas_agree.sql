-- One value per client and one row per spectrum group are two ways to the same figures.
with

town_concentration as (select * from {{ ref('town_concentration') }}),
town_spectrum as (select * from {{ ref('town_spectrum') }})

select
    town_concentration.town,
    town_concentration.hhi,
    town_spectrum.herfindahl,
    town_concentration.gini,
    town_spectrum.gini_coefficient
from town_concentration
left join town_spectrum on town_concentration.town = town_spectrum.town
where
    town_concentration.hhi is not null
    and (
        town_spectrum.town is null
        or abs(town_concentration.hhi - town_spectrum.herfindahl) > 1e-15
        or abs(town_concentration.gini - town_spectrum.gini_coefficient) > 1e-15
        or abs(town_concentration.shannon - town_spectrum.entropy) > 1e-15
        or abs(town_concentration.top_share - town_spectrum.largest_share) > 1e-15
        or town_spectrum.gini_corrected < town_spectrum.gini_coefficient
    )
