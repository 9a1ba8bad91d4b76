"""Every number in docs/measures.md is what the warehouse says, and every index has its section.

A table of the page is checked where a comment right above it names its rows:
`<!-- example: TABLE where CONDITION order by COLUMN -->`. Its header names columns of that table,
in backticks, or is `index | ... | value`, with a column's name and its value on each line.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from conftest import PROJECT, Build, Warehouse

PAGE = (PROJECT / "docs" / "measures.md").read_text()
EXAMPLE = re.compile(r"<!-- example: (.+) -->\n((?:\|.*\|\n)+)")
HEADING = re.compile(r"^### (.+)$", re.MULTILINE)
FORMULA = re.compile(r"\$([^$\n]+)\$")

# The page's example: product, customer and time of each sale of 100, and how many views there
# are of each product and by each customer; one more view names neither.
SALES = (
    ("A", "Ann", "2024-01-01 12:30"),
    ("A", "Ann", "2024-01-01 12:30"),
    ("A", "Ann", "2024-01-08 12:30"),
    ("A", "Ann", "2024-01-08 18:30"),
    ("B", "Bob", "2024-01-04 12:30"),
    ("B", "Bob", "2024-01-04 18:30"),
    ("C", "Cid", "2024-01-06 06:30"),
    ("D", "Dee", "2024-01-06 00:30"),
)
PRODUCT_VIEWS = {"A": 16, "B": 18, "C": 29, "D": 3, "E": 6}
CUSTOMER_VIEWS = {"Ann": 36, "Bob": 18, "Cid": 9, "Dee": 9}
CATEGORIES = {"A": "Kitchen", "B": "Kitchen", "C": "Garden", "D": "Garden", "E": "Garden"}
COLUMNS = {
    "product": "product",
    "customer": "customer",
    "time": "time",
    "interaction_type": "type",
    "amount": "amount",
}


def interactions() -> Iterator[tuple[str, ...]]:
    """Yield the rows of the export; the views spread over its ten days."""
    for sale in SALES:
        yield *sale, "purchase", "100"
    viewed = ("".join(name * count for name, count in PRODUCT_VIEWS.items()) + " ").strip("")
    viewers = [name for name, count in CUSTOMER_VIEWS.items() for _ in range(count)]
    for number, (product, customer) in enumerate(zip(viewed, [*viewers, ""], strict=True)):
        yield product.strip(), customer, f"2024-01-{number % 10 + 1:02} 12:30", "view", ""


def write(path: Path, header: list[str], rows: Iterator[tuple[str, ...]]) -> None:
    with path.open("w", newline="") as file:
        csv.writer(file).writerows([header, *rows])


@pytest.fixture(scope="module")
def warehouse(build: Build, tmp_path_factory: pytest.TempPathFactory) -> Warehouse:
    folder = tmp_path_factory.mktemp("measures")
    write(folder / "interactions.csv", list(COLUMNS.values()), interactions())
    write(folder / "products.csv", ["product", "category"], iter(CATEGORIES.items()))
    write(folder / "customers.csv", ["customer"], ((name,) for name in CUSTOMER_VIEWS))
    return build(
        {
            "name": "measures",
            "folder": str(folder),
            "interaction_types": {"purchase": ["purchase"], "view": ["view"]},
            "interactions": {"files": "interactions.csv", "columns": COLUMNS},
            "products": {
                "files": "products.csv",
                "columns": {"product": "product", "category": "category"},
            },
            "customers": {"files": "customers.csv", "columns": {"customer": "customer"}},
        }
    )


def test_probe(warehouse):
    import duckdb
    for q in ["from concentration_indices where period_grain='all' and dimension in ('product','customer','hour','year','weekday')",
      "from entity_concentration where dimension='product'", "from lorenz_curves where dimension='product' and period_grain='all' and measure='revenue' order by point_number",
      "from concentration_decomposition where period_grain='all' and measure='revenue'", "from concentration_matrix where row_dimension='weekday' and measure='revenue' and cell_value>0",
      "from attention_gap", "from time_patterns where measure='revenue' and dimension in ('weekday','hour') and slot_value>0 or dimension='month'"]:
        cur=warehouse.execute(q); names=[c[0] for c in cur.description]
        print("==",q)
        for r in cur.fetchall(): print(dict(zip(names,r)))
