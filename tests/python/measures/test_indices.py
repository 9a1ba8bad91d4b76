"""The indices equal the reference values, and are defined in every edge case."""

from __future__ import annotations

import json
from collections.abc import Sequence
from decimal import Decimal
from itertools import chain
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from conftest import Build, Warehouse
from reference_indices import Row, differences, even_chances, indices
from vector_export import (
    Population,
    mapping,
    month_rows,
    months,
    noon,
    slot_rows,
    write,
    write_known,
)

# Our names and those of the reference file. Entities with value zero do not count in n, so that
# variants of the reference without them are the ones to compare.
REFERENCE_NAMES = {
    **{f"cr{k}": (f"cr{k}",) for k in (1, 4, 5, 10, 20)},
    "top_20pct_share": ("top20pct_members_share_ceil",),
    "entities_to_50pct": ("members_to_50pct",),
    "entities_to_80pct": ("members_to_80pct",),
    "hhi": ("hhi",),
    "hhi_normalized": ("hhi_normalized_active", "hhi_normalized_n"),
    "effective_number": ("effective_n_hhi",),
    "effective_number_shannon": ("effective_n_shannon",),
    "shannon_entropy": ("shannon_nats",),
    "pielou_evenness": ("pielou_evenness_active",),
    "gini": ("gini",),
    "gini_unbiased": ("gini_unbiased",),
    "hall_tideman": ("hall_tideman",),
    "theil_t": ("theil_t_active_only", "theil_t"),
    "mld": ("mld_active_only", "mld_theil_l"),
    "ge2": ("ge2",),
    "hoover": ("hoover",),
    "atkinson_05": ("atkinson_0.5",),
    "atkinson_1": ("atkinson_1",),
    "hannah_kay_3": ("hannah_kay_concentration_3.0",),
}

# The indices that change if entities without a value are left out.
DEPENDS_ON_ZEROS = {
    *("gini", "gini_unbiased", "hhi_normalized", "theil_t", "mld", "ge2", "hoover"),
    *("atkinson_05", "atkinson_1", "top_20pct_share"),
}

EDGES: dict[str, Population] = {
    "wide": [[Decimal("0.0001")]] * 3 + [[10**12]] * 2 + [[5]],
    "equal": [[7]] * 100_000,
    "alone": [[Decimal("123757.3711")]],
    "returned": [[-5], [-2]],
    "netted": [[10], [3], [0], [-4], [5, -5]],
    "orders": [[70, 40, 5], [35, 35], [10]],
}
SLOTS = {
    "weekday": (31, 24, 25, 27, 36, 80, 71),
    "empty weekdays": (5, 0, 0, 2, 9, 0, 0),
    "empty hours": (0, 0, 0, 0, 0, 0, 1, 4, 9, 9, 7, 6, 12, 3, 3, 2, 8, 9, 5, 5, 1, 0, 1, 0),
}
MONTHS = [*EDGES, *SLOTS, "nobody"]
KNOWN_CUSTOMERS = 5


class Published(NamedTuple):
    """The reference files, and the published results for their vectors, each in a month
    of its own.
    """

    vectors: dict[str, Any]
    simpson: dict[str, Any]
    cases: dict[str, dict[str, Any]]
    warehouse: Warehouse


@pytest.fixture(scope="module")
def published(build: Build, shared: Path, tmp_path_factory: pytest.TempPathFactory) -> Published:
    """All vectors as amounts, vectors of counts as rows, and one month for each test of NULL."""
    folder = tmp_path_factory.mktemp("published")
    vectors = json.loads((shared / "reference" / "indices.json").read_text())["vectors"]
    simpson = {n: v for n, v in vectors.items() if "simpson_unbiased_counts" in v["indices"]}
    decompositions = json.loads((shared / "reference" / "decompositions.json").read_text())
    cases: dict[str, dict[str, Any]] = {}
    for case in decompositions["cases"]:
        found = cases.setdefault(case["case"], {"inputs": case["inputs"]})
        found[case["index"].removesuffix("_value")] = case["value"]
    orders = cases["value_null"]["inputs"]["order_values"]
    populations = [
        *([[value] for value in vector["values"]] for vector in vectors.values()),
        *([[1] * int(value) for value in vector["values"]] for vector in simpson.values()),
        [orders[:3], orders[3:]],
    ]
    ties, week = len(populations), len(populations) + 1
    tied = [f"p{i}" for i, n in enumerate(vectors["v12_ties9"]["values"]) for _ in range(n)]
    rows = [
        *month_rows(populations),
        *(("", product, noon(ties), 1) for product in tied),
        *slot_rows(week, vectors["v10_weekday7"]["values"]),
    ]
    write(folder, rows)
    known = {
        "customers": write_known(folder, "customers", cases["value_null"]["inputs"]["K"]),
        "products": write_known(folder, "products", len(vectors["v12_ties9"]["values"])),
    }
    warehouse = build(
        mapping(folder, amount_decimals=16, **known), tables=["concentration_indices"]
    )
    return Published(vectors, simpson, cases, warehouse)


def reference_row(vector: dict[str, Any]) -> Row:
    """Take the reference for positive values from the file; complete it from the definitions."""
    values, listed = vector["values"], vector["indices"]
    row = indices(values)
    for name, candidates in REFERENCE_NAMES.items():
        if 0 in values and name in DEPENDS_ON_ZEROS:
            candidates = tuple(c for c in candidates if c.endswith(("_active", "_active_only")))
        known = [listed[candidate]["value"] for candidate in candidates if candidate in listed]
        row |= {name: known[0]} if known else {}
    return row


def test_reference_vectors(published: Published) -> None:
    rows = months(published.warehouse, "customer", "revenue")
    found = {
        name: differences(row, reference_row(vector))
        for (name, vector), row in zip(published.vectors.items(), rows, strict=False)
    }
    assert not any(found.values()), found


def test_reference_counts(published: Published) -> None:
    rows = months(published.warehouse, "customer", "interactions")[len(published.vectors) :]
    for vector, row in zip(published.simpson.values(), rows, strict=False):
        expected = vector["indices"]["simpson_unbiased_counts"]["value"]
        assert differences(row, {"hhi_unbiased": expected}) == []


@pytest.mark.parametrize(
    ("case", "dimension", "measure", "months_from_the_end"),
    [
        ("value_null", "customer", "revenue", 3),
        ("v12_ties9", "product", "interactions", 2),
        ("v10_weekday7", "weekday", "interactions", 1),
    ],
)
def test_reference_chances(
    published: Published, case: str, dimension: str, measure: str, months_from_the_end: int
) -> None:
    row = months(published.warehouse, dimension, measure)[-months_from_the_end]
    expected = published.cases[case]["null_expected_hhi"]
    deviation = published.cases[case]["null_sd_hhi"]
    even = {"hhi_expected_if_even": expected, "even_z": (row["hhi"] - expected) / deviation}
    assert differences(row, even) == []


@pytest.fixture(scope="module")
def edges(build: Build, tmp_path_factory: pytest.TempPathFactory) -> Warehouse:
    """Every edge case in one export."""
    folder = tmp_path_factory.mktemp("edges")
    rows = [
        *month_rows(list(EDGES.values())),
        *(row for name, counts in SLOTS.items() for row in slot_rows(MONTHS.index(name), counts)),
        ("", "", noon(MONTHS.index("nobody")), 5),
    ]
    write(folder, rows)
    known = write_known(folder, "customers", KNOWN_CUSTOMERS)
    return build(mapping(folder, customers=known), tables=["concentration_indices"])


def edge_row(edges: Warehouse, name: str, dimension: str, measure: str) -> Row:
    return months(edges, dimension, measure)[MONTHS.index(name)]


@pytest.mark.parametrize("name", EDGES)
def test_edges(edges: Warehouse, name: str) -> None:
    values = [sum(amounts) for amounts in EDGES[name]]
    left_out = [value for value in values if value <= 0]
    beside = {"nonpositive_entity_count": len(left_out), "nonpositive_value": sum(left_out)}
    assert differences(edge_row(edges, name, "customer", "revenue"), indices(values) | beside) == []


def test_equal_entities_have_no_inequality_at_all(edges: Warehouse) -> None:
    row = edge_row(edges, "equal", "customer", "revenue")
    assert (row["hhi"], row["effective_number"]) == (1e-5, 100_000)
    assert all(row[name] == 0 for name in ("gini", "theil_t", "mld", "hoover", "hhi_se", "gini_se"))


@pytest.mark.parametrize("name", ["nobody", "returned"])
def test_nothing_to_share(edges: Warehouse, name: str) -> None:
    row = edge_row(edges, name, "customer", "revenue")
    assert not [column for column, value in row.items() if isinstance(value, float)]
    assert (row["entity_count"], row["total_value"]) == (0, 0)
    assert (row["undefined_reason"], row["verdict"]) == ("no value above zero", "not_measurable")
    assert row["unattributed_value"] == (5 if name == "nobody" else 0)


def test_one_entity_says_which_indices_are_undefined(edges: Warehouse) -> None:
    row = edge_row(edges, "alone", "customer", "revenue")
    assert (row["hhi_normalized"], row["gini_unbiased"], row["hhi_unbiased"]) == (None, None, None)
    assert row["undefined_reason"].startswith("one entity")


@pytest.mark.parametrize("measure", ["interactions", "revenue"])
@pytest.mark.parametrize("name", SLOTS)
def test_empty_slots_count(edges: Warehouse, name: str, measure: str) -> None:
    counts = SLOTS[name]
    row = edge_row(edges, name, "hour" if len(counts) == 24 else "weekday", measure)
    assert differences(row, indices(counts, keep_zeros=True)) == []
    assert row["entity_count"] == row["population_count"] == len(counts)
    if 0 in counts:
        assert (row["mld"], row["atkinson_1"]) == (None, 1)
        assert row["undefined_reason"] == "empty slots: mld is infinite"


@pytest.mark.parametrize(
    ("name", "dimension", "measure", "amounts", "population"),
    [
        ("orders", "customer", "revenue", [*chain(*EDGES["orders"])], KNOWN_CUSTOMERS),
        ("weekday", "weekday", "interactions", [1] * sum(SLOTS["weekday"]), 7),
        ("empty hours", "hour", "revenue", [1] * sum(SLOTS["empty hours"]), 24),
    ],
)
def test_even_chances(
    edges: Warehouse,
    name: str,
    dimension: str,
    measure: str,
    amounts: Sequence[int],
    population: int,
) -> None:
    row = edge_row(edges, name, dimension, measure)
    expected, deviation = even_chances(amounts, population)
    even = {"hhi_expected_if_even": expected, "even_z": (row["hhi"] - expected) / deviation}
    assert differences(row, even) == []
