"""What the risk layer says of exports whose concentrations were planted, and of even ones."""

from __future__ import annotations

import csv
import json
import random
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from conftest import Build, Warehouse

Row = dict[str, Any]
Change = Callable[[random.Random, Row], None]

COLUMNS = ("customer", "product", "category", "payment_method", "location", "time", "amount")
ROWS = 12_000
FIRST = datetime(2023, 1, 1)
DAYS = 731
LAST_MONTH = datetime(2024, 12, 1)


def calm_row(chance: random.Random) -> Row:
    """One sale in which every customer, product, hour and day had the same chance."""
    product = chance.randrange(80)
    return {
        "customer": f"c{chance.randrange(200):03}",
        "product": f"p{product:02}",
        "category": f"category {product % 8}",
        "payment_method": ("card", "cash", "transfer", "voucher", "invoice")[chance.randrange(5)],
        "location": f"town {chance.randrange(12)}",
        "time": FIRST + timedelta(minutes=chance.randrange(DAYS * 24 * 60)),
        "amount": chance.randrange(50, 151),
    }


def one_customer_has_a_third(chance: random.Random, row: Row) -> None:
    if chance.random() < 0.3:
        row["customer"] = "giant"


def one_customer_jumps_in_the_last_month(chance: random.Random, row: Row) -> None:
    if row["time"] >= LAST_MONTH and chance.random() < 0.2:
        row["customer"], row["location"] = "c007", "town 3"


def one_category_dominates(chance: random.Random, row: Row) -> None:
    if chance.random() < 0.6:
        row["product"] = f"p{8 * chance.randrange(10):02}"
        row["category"] = "category 0"


def one_giant_pays_one_way(chance: random.Random, row: Row) -> None:
    if chance.random() < 0.45:
        row["customer"], row["payment_method"] = "giant", "invoice"


PLANTS: dict[str, tuple[Change, ...]] = {
    "calm": (),
    "third": (one_customer_has_a_third,),
    "jump": (one_customer_jumps_in_the_last_month,),
    "category": (one_category_dominates,),
    "echo": (one_giant_pays_one_way,),
    "all": (
        one_category_dominates,
        one_customer_has_a_third,
        one_customer_jumps_in_the_last_month,
    ),
}


def mapping(folder: Path, *columns: str) -> dict[str, Any]:
    return {
        "name": "planted",
        "folder": str(folder),
        "interactions": {
            "files": "sales.csv",
            "columns": {name: name for name in columns if name != "location"},
        },
        "dimensions": [{"name": "location", "column": "location"}] if "location" in columns else [],
    }


def write(folder: Path, rows: list[Row]) -> dict[str, Any]:
    """Write an export; return its mapping."""
    with (folder / "sales.csv").open("w", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    return mapping(folder, *rows[0])


class Planted(NamedTuple):
    """An export and what became of it."""

    rows: list[Row]
    warehouse: Warehouse

    def revenue(self, **wanted: Any) -> int:
        """What the rows with these values bring."""
        return sum(
            row["amount"] for row in self.rows if all(row[key] == wanted[key] for key in wanted)
        )

    def register(self) -> list[Row]:
        return records(self.warehouse, "from risk_register order by register_rank")


def records(warehouse: Warehouse, query: str) -> list[Row]:
    """The rows of a query by column."""
    cursor = warehouse.execute(query)
    names = [column[0] for column in cursor.description or []]
    return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


@pytest.fixture(scope="module")
def planted(
    build: Build, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Callable[[str], Planted]]:
    """Build an export with what is planted in it, each once."""

    def _planted(name: str) -> Planted:
        chance = random.Random(20240229)
        rows = [calm_row(chance) for _ in range(ROWS)]
        for change in PLANTS[name]:
            for row in rows:
                change(chance, row)
        folder = tmp_path_factory.getbasetemp() / f"planted_{name}"
        folder.mkdir(exist_ok=True)
        return Planted(rows, build(write(folder, rows)))

    yield _planted
