"""The SQL equals the definitions on random populations, and the indices obey their laws."""

from __future__ import annotations

import math
from collections.abc import Sequence
from decimal import ROUND_DOWN, Decimal
from itertools import pairwise
from typing import Any

import pytest
from conftest import Build
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from reference_indices import Row, differences, indices, standard_errors, unbiased_hhi
from vector_export import Population, mapping, month_rows, months, write

SCALE, COPIES = 1000, 3
SLACK = 1 + 1e-12

Variants = dict[str, list[Row]]

# Small whole numbers give ties and returns, and large ones a long tail; all in 1/10,000.
units = st.integers(-3, 9) | st.integers(1, 10**4) | st.integers(1, 10**9)
amounts = units.map(lambda whole: Decimal(whole).scaleb(-4))
populations = st.lists(st.lists(amounts, min_size=1, max_size=3), min_size=1, max_size=30)

UNCHANGED = ("gini", "theil_t", "mld", "ge2", "hoover", "atkinson_05", "atkinson_1")
DIVIDED = ("hhi", "hall_tideman", "hannah_kay_3")
INEQUALITY = (
    *("hhi", "hhi_normalized", "gini", "gini_unbiased", "hall_tideman", "theil_t", "mld", "ge2"),
    *("atkinson_05", "atkinson_1", "hannah_kay_3"),
)
EVENNESS = ("effective_number", "effective_number_shannon", "shannon_entropy", "pielou_evenness")
RATIOS = ("cr1", "cr4", "cr5", "cr10", "cr20")
TOP_SHARES = ("top_1pct_share", "top_5pct_share", "top_10pct_share", "top_20pct_share")


def drawn(count: int) -> list[Population]:
    """Return Hypothesis's examples together, so that one build measures all of them."""
    found: list[Population] = []

    @settings(max_examples=count, phases=[Phase.generate])
    @given(populations)
    def collect(population: Population) -> None:
        found.append(population)

    collect()
    return found


def members(population: Population) -> list[Sequence[Any]]:
    """Return the entities whose total is above zero; the others have no share."""
    return [entity for entity in population if sum(entity) > 0]


def gift(population: Population) -> Decimal:
    """Return a quarter of the difference between the richest and the poorest member."""
    values = [sum(entity, Decimal(0)) for entity in members(population)] or [Decimal(0)]
    return ((max(values) - min(values)) / 4).quantize(Decimal("0.0001"), ROUND_DOWN)


def transferred(population: Population) -> Population:
    """Transfer it from the richest to the poorest member."""
    ranked = sorted(members(population), key=sum) or population
    given = gift(population)
    return [[*ranked[0], given], *ranked[1:-1], [*ranked[-1], -given]] if given else ranked


@pytest.fixture(scope="module")
def examples() -> list[Population]:
    return drawn(200)


@pytest.fixture(scope="module")
def variants(
    build: Build, examples: list[Population], tmp_path_factory: pytest.TempPathFactory
) -> Variants:
    """Return each population unchanged, scaled, copied, and after a transfer."""
    folder = tmp_path_factory.mktemp("laws")
    made: dict[str, list[Population]] = {
        "plain": examples,
        "scaled": [[[SCALE * x for x in entity] for entity in e] for e in examples],
        "copied": [[*e] * COPIES for e in examples],
        "transferred": [transferred(e) for e in examples],
    }
    write(folder, month_rows([population for group in made.values() for population in group]))
    warehouse = build(mapping(folder), tables=["concentration_indices"])
    rows = months(warehouse, "customer", "revenue")
    return {name: rows[i * len(examples) :][: len(examples)] for i, name in enumerate(made)}


@pytest.fixture(scope="module")
def measured(variants: Variants) -> list[Row]:
    """The rows of all populations that have a value to share."""
    return [row for rows in variants.values() for row in rows if row["hhi"] is not None]


def test_sql_equals_the_definitions(variants: Variants, examples: list[Population]) -> None:
    for row, population in zip(variants["plain"], examples, strict=True):
        expected = indices([sum(entity) for entity in population])
        if members(population):
            expected |= standard_errors(members(population))
        assert differences(row, expected) == [], population


def test_unbiased_hhi(variants: Variants, examples: list[Population]) -> None:
    """The more one transaction outweighs the others, the fewer digits the sum of the others has."""
    for row, population in zip(variants["plain"], examples, strict=True):
        expected, weight = unbiased_hhi(members(population)) if members(population) else (None, 0)
        if weight < 1e-9:
            assert row["hhi_unbiased"] is None, population
        else:
            # The population of customers is unknown, so an HHI lies between 0 and 1.
            assert expected is not None
            bounded = min(max(expected, 0.0), 1.0)
            near = pytest.approx(bounded, rel=1e-12, abs=1e-15 / weight)
            assert row["hhi_unbiased"] == near, population


def test_scale_changes_nothing(variants: Variants) -> None:
    """The score is a difference that may be close to zero, so its last digits are those
    of the HHI.
    """
    names = {*INEQUALITY, *EVENNESS, *RATIOS, *TOP_SHARES, "hhi_se", "gini_se"}
    for plain, scaled in zip(variants["plain"], variants["scaled"], strict=True):
        assert differences(scaled, {name: plain[name] for name in names}) == []
        z, scaled_z = plain["even_z"], scaled["even_z"]
        assert (z is None) == (scaled_z is None)
        assert z is None or scaled_z == pytest.approx(z, rel=1e-12, abs=1e-11)


def test_copies_divide_concentration_and_keep_inequality(variants: Variants) -> None:
    for plain, copied in zip(variants["plain"], variants["copied"], strict=True):
        if plain["hhi"] is not None:
            expected = {name: plain[name] for name in UNCHANGED}
            expected |= {name: plain[name] / COPIES for name in DIVIDED}
            expected["shannon_entropy"] = plain["shannon_entropy"] + math.log(COPIES)
            assert differences(copied, expected) == []


def test_a_transfer_to_the_poorest_lowers_every_index(
    variants: Variants, examples: list[Population]
) -> None:
    for plain, evened, example in zip(
        variants["plain"], variants["transferred"], examples, strict=True
    ):
        if gift(example) > plain["total_value"] / 1000:
            assert all(evened[name] < plain[name] for name in INEQUALITY), example
            assert all(evened[name] > plain[name] for name in EVENNESS), example
            held = (*RATIOS, *TOP_SHARES, "hoover")
            assert all(evened[name] <= plain[name] * SLACK for name in held), example


def test_order_of_the_top_shares(measured: list[Row]) -> None:
    for row in measured:
        for names in (RATIOS, TOP_SHARES):
            held = [row[name] for name in names]
            assert held[0] > 0 and held[-1] <= 1 and all(a <= b for a, b in pairwise(held))
        assert row["entities_to_50pct"] <= row["entities_to_80pct"] <= row["entity_count"]


def test_bounds(measured: list[Row]) -> None:
    for row in measured:
        n, hhi = row["entity_count"], row["hhi"]
        assert 1 / n <= hhi <= SLACK and row["effective_number"] <= n
        assert row["cr1"] ** 2 <= hhi * SLACK and hhi <= row["cr1"] * SLACK
        assert row["effective_number"] <= row["effective_number_shannon"] * SLACK <= n * SLACK**2
        assert 0 <= row["gini"] <= 1 - 1 / n + 1e-12 and 0 <= row["hoover"] <= row["gini"] + 1e-14
        assert -1e-14 <= row["atkinson_05"] <= row["atkinson_1"] + 1e-14 <= SLACK
        assert -1e-14 <= row["theil_t"] <= math.log(n) + 1e-12 and row["mld"] >= -1e-14
        assert 0 <= row["pielou_evenness"] <= SLACK


def test_hall_tideman_is_gini_in_disguise(measured: list[Row]) -> None:
    for row in measured:
        expected = 1 / (row["entity_count"] * (1 - row["gini"]))
        assert math.isclose(row["hall_tideman"], expected, rel_tol=1e-12)
