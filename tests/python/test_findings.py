"""Every figure of the published analysis of the e-commerce 2024 export, from the warehouse.

The figures were computed apart, from the raw files with pandas. Here the published tables answer
the same questions, section by section: a figure that is missing, wrong or new fails.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from conftest import PROJECT, Build, Warehouse

from mapping import load

# The analysis calls an age group by edges that are wrong at the edges; ours say what they hold.
AGE_GROUPS = {
    "18 and under": "<18",
    "19-25": "18-25",
    "26-35": "25-35",
    "36-50": "35-50",
    "51-65": "50-65",
    "66 and over": "65+",
}

# A simplified category counts there only what has a price, so `priced` stands for that.
PRICED = "interactions inner join products using (product_id) where products.price > 0"
ROW_MEASURES = {
    "interactions": "count(*)",
    "purchases": "count(*) filter (where interaction_type = 'purchase')",
    "revenue": "coalesce(sum(revenue), 0)",
}


class Warehouses(NamedTuple):
    """The export built on each basis of revenue."""

    customer_amount: Warehouse
    list_price: Warehouse
    notebook: Warehouse


@pytest.fixture(scope="module")
def warehouses(build: Build, shared: Path) -> Warehouses:
    names = ("ecommerce_2024", "ecommerce_2024_list_price", "ecommerce_2024_notebook")
    return Warehouses(*(build(load(PROJECT / "mappings" / f"{name}.yml")) for name in names))


@pytest.fixture(scope="module")
def findings(shared: Path) -> dict[str, Any]:
    text = (shared / "data/kaggle_2024/findings.json").read_text(encoding="utf-8")
    figures: dict[str, Any] = json.loads(text, parse_float=plain)
    return figures


def plain(figure: Any) -> Any:
    """Numbers free of float noise, which begins far beyond the cent; the rest as text."""
    if isinstance(figure, int | float | Decimal):
        return round(Decimal(figure), 9)
    return str(figure)


def rows(warehouse: Warehouse, sql: str) -> list[tuple[Any, ...]]:
    return warehouse.execute(sql).fetchall()


def record(warehouse: Warehouse, sql: str) -> dict[str, Any]:
    """The one row of a query, by column."""
    cursor = warehouse.execute(sql)
    names = [column[0] for column in cursor.description or []]
    (row,) = cursor.fetchall()
    return dict(zip(names, row, strict=True))


def lookup(warehouse: Warehouse, sql: str) -> dict[str, Any]:
    """A query's first column to its second."""
    return {str(key): value for key, value in rows(warehouse, sql)}
