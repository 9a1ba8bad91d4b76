"""The indices equal the reference values, and are defined at every edge."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from datetime import timedelta
from decimal import Decimal
from itertools import chain, repeat
from pathlib import Path
from typing import Any

import pytest
from conftest import Build, Warehouse
from reference_indices import Row, differences, even_chances, indices
from vector_export import Population, mapping, month, month_rows, months, noon, write, write_known

# Our names and those of the reference file. Zero-valued entities are outside n, so where it
# has a variant without them, that one is ours.
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

EDGES: dict[str, Population] = {
    "wide": [[Decimal("0.0001")]] * 3 + [[10**12]] * 2 + [[5]],
    "equal": [[7]] * 100_000,
    "alone": [[5]],
    "returned": [[-5], [-2]],
    "netted": [[10], [3], [0], [-4], [5, -5]],
}
# What fills the months after the edges; each slot's count of rows.
NOBODY, ORDERS, TIES, *WEEKDAYS, HOURS = range(len(EDGES), len(EDGES) + 6)
KNOWN = {"customers": 4, "products": 9}
ORDER_VALUES = (120, 80, 60, 40, 30, 30, 20, 10, 5, 5)
TIED_COUNTS = (3, 3, 3, 2, 2, 1, 1, 1, 1)
WEEKDAY_COUNTS = ((120, 95, 101, 99, 140, 310, 275), (5, 0, 0, 2, 9, 0, 0))
HOUR_COUNTS = (0, 0, 0, 0, 0, 0, 1, 4, 9, 9, 7, 6, 12, 3, 3, 2, 8, 9, 5, 5, 1, 0, 1, 0)


def reference_row(published: dict[str, dict[str, Any]], values: Sequence[float]) -> Row:
    """Take what the file has on the positive values; fill in from the definitions."""
    row = indices(values)
    depends_on_zeros = {"gini", "gini_unbiased", "hhi_normalized", "ge2", "hoover", "atkinson_05"}
    depends_on_zeros |= {"atkinson_1", "top_20pct_share", "theil_t", "mld"}
    for name, candidates in REFERENCE_NAMES.items():
        if 0 in values and name in depends_on_zeros:
            candidates = tuple(c for c in candidates if c.endswith(("_active", "_active_only")))
        known = [
            published[candidate]["value"] for candidate in candidates if candidate in published
        ]
        row |= {name: known[0]} if known else {}
    return row


def test_reference_vectors(build: Build, shared: Path, tmp_path: Path) -> None:
    vectors = json.loads((shared / "reference" / "indices.json").read_text())["vectors"]
    amounts = [[[value] for value in vector["values"]] for vector in vectors.values()]
    simpson = {n: v for n, v in vectors.items() if "simpson_unbiased_counts" in v["indices"]}
    counts = [[[1] * int(value) for value in vector["values"]] for vector in simpson.values()]
    write(tmp_path, month_rows([*amounts, *counts]))
    warehouse = build(mapping(tmp_path, amount_decimals=16))

    rows = dict(zip(vectors, months(warehouse, "customer", "revenue"), strict=False))
    found = {
        name: differences(rows[name], reference_row(vector["indices"], vector["values"]))
        for name, vector in vectors.items()
    }
    assert not any(found.values()), found

    counted = months(warehouse, "customer", "interactions")[len(vectors) :]
    assert [row["hhi_unbiased"] for row in counted] == pytest.approx(
        [v["indices"]["simpson_unbiased_counts"]["value"] for v in simpson.values()], rel=1e-12
    )


def slot_rows(number: int) -> Iterator[Sequence[Any]]:
    """Yield the rows of the weekday or hour counts that a month holds."""
    first = month(number)
    days = [first + timedelta(day) for day in range(7)]
    if number == HOURS:
        slots = {f"{first} {hour:02}:30:00": count for hour, count in enumerate(HOUR_COUNTS)}
    else:
        counts = WEEKDAY_COUNTS[WEEKDAYS.index(number)]
        slots = {f"{day} 12:00:00": counts[day.weekday()] for day in days}
    for time, count in slots.items():
        yield from repeat(("", "", time, 1), count)


@pytest.fixture(scope="module")
def edges(build: Build, tmp_path_factory: pytest.TempPathFactory) -> Warehouse:
    """Every edge in one export, with four customers and nine products known."""
    folder = tmp_path_factory.mktemp("edges")
    rows = [
        *month_rows(list(EDGES.values())),
        ("", "", f"{month(NOBODY)} 12:00:00", 5),
        *((f"c{i % 3}", "", f"{month(ORDERS)} 12:00:00", v) for i, v in enumerate(ORDER_VALUES)),
        *(
            ("", f"p{i}", f"{month(TIES)} 12:00:00", 1)
            for i, v in enumerate(TIED_COUNTS)
            for _ in range(v)
        ),
        *(row for number in (*WEEKDAYS, HOURS) for row in slot_rows(number)),
    ]
    write(folder, rows)
    known = {block: write_known(folder, block, count) for block, count in KNOWN.items()}
    return build(mapping(folder, **known))


@pytest.mark.parametrize("edge", EDGES)
def test_edges(edges: Warehouse, edge: str) -> None:
    row = months(edges, "customer", "revenue")[list(EDGES).index(edge)]
    values = [sum(amounts) for amounts in EDGES[edge]]
    left_out = [value for value in values if value <= 0]
    assert differences(row, indices(values)) == []
    assert (row["nonpositive_entity_count"], row["nonpositive_value"]) == (
        len(left_out),
        sum(left_out),
    )


def test_equal_entities_are_exactly_equal(edges: Warehouse) -> None:
    row = months(edges, "customer", "revenue")[list(EDGES).index("equal")]
    assert (row["hhi"], row["effective_number"]) == (1e-5, 100_000)
    assert all(row[name] == 0 for name in ("gini", "theil_t", "mld", "hoover", "hhi_se", "gini_se"))


@pytest.mark.parametrize("number", [NOBODY, list(EDGES).index("returned")])
def test_nothing_to_share(edges: Warehouse, number: int) -> None:
    row = months(edges, "customer", "revenue")[number]
    doubles = {name for name, value in row.items() if isinstance(value, float)}
    assert (row["entity_count"], row["total_value"], doubles) == (0, 0, set())
    assert (row["undefined_reason"], row["verdict"]) == ("no value above zero", "not_measurable")
    assert row["unattributed_value"] == (5 if number == NOBODY else 0)


def test_one_entity_says_what_it_leaves_undefined(edges: Warehouse) -> None:
    row = months(edges, "customer", "revenue")[list(EDGES).index("alone")]
    assert row["hhi_normalized"] is None and row["gini_unbiased"] is None
    assert row["undefined_reason"].startswith("one entity")


@pytest.mark.parametrize("measure", ["interactions", "revenue"])
@pytest.mark.parametrize(
    ("dimension", "number", "counts"),
    [
        ("weekday", WEEKDAYS[0], WEEKDAY_COUNTS[0]),
        ("weekday", WEEKDAYS[1], WEEKDAY_COUNTS[1]),
        ("hour", HOURS, HOUR_COUNTS),
    ],
)
def test_empty_slots_count(
    edges: Warehouse, dimension: str, number: int, counts: Sequence[int], measure: str
) -> None:
    row = months(edges, dimension, measure)[number]
    assert differences(row, indices(counts, keep_zeros=True)) == []
    assert row["entity_count"] == row["population_count"] == len(counts)
    if 0 in counts:
        assert (row["mld"], row["atkinson_1"]) == (None, 1)
        assert row["undefined_reason"] == "empty slots: mld is infinite"


@pytest.mark.parametrize(
    ("dimension", "measure", "number", "amounts"),
    [
        ("weekday", "interactions", WEEKDAYS[0], [1] * sum(WEEKDAY_COUNTS[0])),
        ("product", "interactions", TIES, [1] * sum(TIED_COUNTS)),
        ("customer", "revenue", ORDERS, ORDER_VALUES),
    ],
)
def test_even_chances(
    edges: Warehouse, dimension: str, measure: str, number: int, amounts: Sequence[int]
) -> None:
    row = months(edges, dimension, measure)[number]
    expected, deviation = even_chances(amounts, row["population_count"])
    even = {"hhi_expected_if_even": expected, "even_z": (row["hhi"] - expected) / deviation}
    assert differences(row, even) == []


@pytest.mark.parametrize(
    ("dimension", "measure", "number", "case", "suffix"),
    [
        ("weekday", "interactions", WEEKDAYS[0], "v10_weekday7", ""),
        ("product", "interactions", TIES, "v12_ties9", ""),
        ("customer", "revenue", ORDERS, "value_null", "_value"),
    ],
)
def test_published_even_chances(
    edges: Warehouse,
    shared: Path,
    dimension: str,
    measure: str,
    number: int,
    case: str,
    suffix: str,
) -> None:
    cases = json.loads((shared / "reference" / "decompositions.json").read_text())["cases"]
    published = {found["index"]: found["value"] for found in cases if found["case"] == case}
    row = months(edges, dimension, measure)[number]
    expected = published[f"null_expected_hhi{suffix}"]
    deviation = published[f"null_sd_hhi{suffix}"]
    even = {"hhi_expected_if_even": expected, "even_z": (row["hhi"] - expected) / deviation}
    assert differences(row, even) == []
