"""The real exports of mappings/examples/ give the figures that were computed independently.

Each export has a truth.json with exact integer sums and two formulas for each index. Shares and
indices must agree to 1e-9, counts and keys exactly.
"""

from __future__ import annotations

import csv
import json
import re
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from conftest import PROJECT, ROWS_AND_INDICES, Build, Warehouse

from topheavy.mapping.reading import read_mapping

Figures = dict[str, Any]

PRECISION = 1e-9
BLOCKS = ("interactions", "orders", "customers", "products")
MEASURES = {"amount": "revenue", "rows": "interactions"}
WEEKDAYS = {
    day[:3]: day
    for day in ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
}
INDICES = {
    "n_entities": "entity_count",
    "n_nonpositive": "nonpositive_entity_count",
    "net_of_all_entities_exact": "total_value",
    "hhi": "hhi",
    "hhi_normalised": "hhi_normalized",
    "effective_number": "effective_number",
    "effective_number_shannon": "effective_number_shannon",
    "gini": "gini",
    "gini_corrected": "gini_unbiased",
    "cr1": "cr1",
    "cr4": "cr4",
    "cr10": "cr10",
    "top1pct": "top_1pct_share",
    "top10pct": "top_10pct_share",
    "top20pct": "top_20pct_share",
    "n50": "entities_to_50pct",
    "n80": "entities_to_80pct",
}


@dataclass(frozen=True)
class Export:
    """A mapping of mappings/examples, and the variant of the truth that it must give."""

    mapping: str
    variant: str = "primary"
    dimensions: tuple[tuple[str, str], ...] = ()
    """Dimensions that the truth calls by another name."""
    extra: tuple[tuple[str, Any], ...] = ()
    """Keys of the mapping that this variant sets."""

    @property
    def folder(self) -> str:
        return self.mapping

    def __str__(self) -> str:
        return f"{self.mapping}-{self.variant}"


EXPORTS = (
    Export("superstore_ddmmyy"),
    Export(
        "retail_store_dirty",
        dimensions=(("payment", "payment_method"), ("location", "sales_location")),
    ),
    Export("cdnow_master"),
    Export("cdnow_master", "dedup", extra=(("duplicates", "drop"),)),
    # A mapping can declare the order a dimension, so its column may have two uses.
    Export(
        "india_orders",
        dimensions=(("order", "order_number"),),
        extra=(
            (
                "dimensions",
                [
                    {"name": "state", "column": "State", "from": "orders", "label": "State"},
                    {"name": "order_number", "column": "Order ID", "label": "Order"},
                ],
            ),
        ),
    ),
)


def example(name: str, shared: Path, extra: tuple[tuple[str, Any], ...] = ()) -> Figures:
    """Return a mapping of mappings/examples unchanged, with the folder of the exports."""
    mapping = read_mapping(PROJECT / "mappings" / "examples" / f"{name}.yml").as_vars()
    return {**mapping, "folder": str(shared / "data" / Path(mapping["folder"]).name), **dict(extra)}


@pytest.fixture(scope="module", params=EXPORTS, ids=str)
def export(request: pytest.FixtureRequest) -> Export:
    assert isinstance(request.param, Export)
    return request.param


@pytest.fixture(scope="module")
def warehouse(export: Export, build: Build, shared: Path) -> Warehouse:
    return build(example(export.mapping, shared, export.extra), tables=ROWS_AND_INDICES)


@pytest.fixture(scope="module")
def truth(export: Export, shared: Path) -> Figures:
    path = shared / "data" / export.folder / "truth.json"
    document = json.loads(path.read_text(encoding="utf-8"))
    figures: Figures = document["variants"][export.variant]
    return {**figures, "raw_rows": document["raw_rows"]}


def value(warehouse: Warehouse, query: str) -> Any:
    return warehouse.execute(query).fetchall()[0][0]


def checks(warehouse: Warehouse, block: str = "interactions") -> dict[str, int]:
    """Return the counts of data_quality by name."""
    query = "select check_name, row_count from data_quality where source_block = ?"
    return dict(warehouse.execute(query, [block]).fetchall())


def indices(warehouse: Warehouse, dimension: str, measure: str) -> Figures:
    """Return the row of a dimension for the whole period."""
    cursor = warehouse.execute(
        "from concentration_indices where period_grain = 'all' and dimension = ? and measure = ?",
        [dimension, measure],
    )
    names = [column[0] for column in cursor.description or []]
    (row,) = cursor.fetchall()
    return dict(zip(names, row, strict=True))


def test_every_row_is_accounted_for(warehouse: Warehouse, truth: Figures) -> None:
    counts = checks(warehouse)
    assert counts["raw_rows"] == truth["raw_rows"]
    assert counts["valid_rows"] == truth["rows"]
    assert counts["raw_rows"] == sum(
        counts[name] for name in ("blank_rows", "rejected_rows", "valid_rows")
    )
    listed = value(warehouse, "select count(*) from rejected_rows where raw_text is not null")
    assert listed == sum(checks(warehouse, block).get("rejected_rows", 0) for block in BLOCKS)


def test_the_totals_are_exact(warehouse: Warehouse, truth: Figures) -> None:
    first, last, total, count = warehouse.execute(
        "select min(interacted_at), max(interacted_at), sum(revenue), count(*) from interactions"
    ).fetchall()[0]
    assert (str(first), str(last)) == (truth["first"], truth["last"])
    assert total == Decimal(truth["total_amount_exact"])
    assert count == truth["rows"]


def test_the_indices_agree(export: Export, warehouse: Warehouse, truth: Figures) -> None:
    ours: Figures = {}
    theirs: Figures = {}
    for name, figures in truth["dimensions"].items():
        dimension = dict(export.dimensions).get(name, name)
        for measure in MEASURES:
            row = indices(warehouse, dimension, MEASURES[measure])
            for index in INDICES.keys() & figures[measure].keys():
                key = f"{dimension}.{measure}.{index}"
                expected = figures[measure][index]
                ours[key] = row[INDICES[index]]
                theirs[key] = float(expected) if isinstance(expected, str) else expected
    assert len(theirs) >= 30 * len(truth["dimensions"])
    numbers = {key: None if found is None else float(found) for key, found in ours.items()}
    assert numbers == pytest.approx(theirs, rel=PRECISION, abs=PRECISION)


def test_the_ten_largest_are_the_same(export: Export, warehouse: Warehouse, truth: Figures) -> None:
    for name, figures in truth["dimensions"].items():
        dimension = dict(export.dimensions).get(name, name)
        for measure in MEASURES:
            found = warehouse.execute(
                """
                select entity_id, entity_value, value_share
                from entity_concentration
                where dimension = ? and measure = ? and value_rank <= 10 and entity_value > 0
                order by value_rank
                """,
                [dimension, MEASURES[measure]],
            ).fetchall()
            expected = figures[measure]["top10"]
            keys = [WEEKDAYS.get(str(top["key"]), str(top["key"])) for top in expected]
            assert [row[0] for row in found] == keys
            for column, figure in ((1, "value"), (2, "share")):
                assert [float(row[column]) for row in found] == pytest.approx(
                    [top[figure] for top in expected], rel=PRECISION, abs=PRECISION
                )


def test_no_export_here_has_hours(warehouse: Warehouse) -> None:
    """All exports have only dates: their hours are empty instead of midnight, and the reason is
    given.
    """
    slots, filled = warehouse.execute(
        "select count(*), count(nullif(interactions, 0)) from hourly_concentration"
    ).fetchall()[0]
    assert (slots, filled) == (24, 0)
    row = indices(warehouse, "hour", "interactions")
    assert row["hhi"] is None and row["undefined_reason"]


# ---- India, variant b: two corrupt dates and several spellings ------------------------------


@pytest.fixture(scope="module")
def variant_b(build: Build, shared: Path) -> Warehouse:
    return build(example("india_orders_b", shared), tables=["interactions", "data_quality"])


def records(shared: Path, name: str) -> list[dict[str, str]]:
    with (shared / "data" / "india_orders" / name).open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def test_lines_of_corrupt_dates_are_rejected_counted_and_listed(
    variant_b: Warehouse, shared: Path
) -> None:
    orders = records(shared, "variant_b_list_of_orders.csv")
    lines = records(shared, "variant_b_order_details.csv")
    plain = re.compile(r"\d\d-\d\d-\d{4}")
    corrupt = {row["Order ID"] for row in orders if not plain.fullmatch(row["Order Date"])}
    lost = [row for row in lines if row["Order ID"] in corrupt]
    assert len(corrupt) == 2 and lost

    counts = checks(variant_b)
    assert counts["raw_rows"] == len(lines)
    assert counts["valid_rows"] == len(lines) - len(lost)
    assert counts["rejected: malformed_timestamp"] == counts["rejected_rows"] == len(lost)
    listed = variant_b.execute(
        "select raw_text from rejected_rows where reject_reason = 'malformed_timestamp'"
    ).fetchall()
    assert sorted(row[0] for row in listed) == sorted(",".join(row.values()) for row in lost)

    kept = sum(Decimal(row["Amount"]) for row in lines) - sum(
        Decimal(row["Amount"]) for row in lost
    )
    assert value(variant_b, "select sum(revenue) from interactions") == kept


def test_folded_spellings_are_one_category(variant_b: Warehouse, shared: Path) -> None:
    lines = records(shared, "variant_b_order_details.csv")
    spellings = {row["Category"] for row in lines}
    folded = {" ".join(name.split()).lower() for name in spellings}
    assert len(folded) < len(spellings)
    found = variant_b.execute("select distinct category from interactions").fetchall()
    assert {row[0] for row in found} == folded
