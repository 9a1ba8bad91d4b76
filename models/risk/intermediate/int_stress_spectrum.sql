with

stressed_entities as (
    select * from {{ ref('int_stressed_entities') }}
),

scenarios as (
    select * from {{ ref('int_scenarios') }}
),

spectrum as (
    select * from {{ ref('int_value_spectrum') }}
    where period_grain = 'all' and standing = 'member'
),

-- Who is hit leaves its value and comes to another; who is not, stays where it is.
moves as (
    select
        scenarios.scenario_id,
        spectrum.entity_value,
        spectrum.entity_count
    from scenarios
    inner join spectrum
        on
            scenarios.dimension = spectrum.dimension
            and scenarios.measure = spectrum.measure
    union all
    select
        scenario_id,
        value_before as entity_value,
        -1 as entity_count
    from stressed_entities
    union all
    select
        scenario_id,
        value_after as entity_value,
        1 as entity_count
    from stressed_entities
),

{{ spectrum_after_moves('scenario_id') }}

select * from placed
