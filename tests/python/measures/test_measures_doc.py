"""Every number in docs/measures.md equals the warehouse's, and every index has its section.

A table whose header starts with `index` has a column and its value on each line. Other tables are
checked if a comment directly above names their rows and their header names the columns: `<!--
example: TABLE where CONDITION order by COLUMN -->`. Cells without a column are remarks.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from conftest import PROJECT, Build, Warehouse

PAGE = (PROJECT / "docs" / "measures.md").read_text(encoding="utf-8")
TABLE = re.compile(r"(?:<!-- example: ((?:(?!-->)[\s\S])+) -->\n)?((?:^\|.*\|\n)+)", re.MULTILINE)
NAME = re.compile(r"`(\w+)`")
FORMULA = re.compile(r"(\S?)\$([^$\n]+)\$(\S?)")
RUNNING_EXAMPLE = (
    "concentration_indices where (dimension, measure, period_grain) = ('product', 'revenue', 'all')"
)

# The page's example: product, customer and time of each sale of 100, and the number of views of
# each product and by each customer; one more view names neither. No two rows of a customer have the
# same time. Six likes name only how their orders are paid, two of which have two lines, and 128
# more name only their region.
SALES = (
    ("A", "Ann", "2024-01-01 12:30:00"),
    ("A", "Ann", "2024-01-01 12:40:00"),
    ("A", "Ann", "2024-01-08 12:30:00"),
    ("A", "Ann", "2024-01-08 18:30:00"),
    ("B", "Bob", "2024-01-04 12:30:00"),
    ("B", "Bob", "2024-01-04 18:30:00"),
    ("C", "Cid", "2024-01-06 06:30:00"),
    ("D", "Dee", "2024-01-06 00:30:00"),
)
PRODUCT_VIEWS = {"A": 16, "B": 18, "C": 29, "D": 3, "E": 6}
CUSTOMER_VIEWS = {"Ann": 36, "Bob": 18, "Cid": 9, "Dee": 9}
LIKES = (("1", "Card"), ("1", "Card"), ("2", "Card"), ("2", "Card"), ("3", "Cash"), ("4", "Cash"))
REGIONS = {"North": 64, "East": 32, "South": 16, "West": 16}
CATEGORIES = {"A": "Kitchen", "B": "Kitchen", "C": "Garden", "D": "Garden", "E": "Garden"}
COLUMNS = (
    *("product", "customer", "time", "interaction_type", "amount", "order", "payment_method"),
    "region",
)


Printed = dict[str, str]


def interactions() -> Iterator[Sequence[str]]:
    """Yield the rows of the export; the views are spread over its ten days."""
    for sale in SALES:
        yield *sale, "purchase", "100", "", "", ""
    products = [name for name, count in PRODUCT_VIEWS.items() for _ in range(count)]
    customers = [name for name, count in CUSTOMER_VIEWS.items() for _ in range(count)]
    views = zip([*products, ""], [*customers, ""], strict=True)
    for number, (product, customer) in enumerate(views):
        time = f"2024-01-{number % 10 + 1:02} 12:{number // 10:02}:00"
        yield product, customer, time, "view", "", "", "", ""
    for order, method in LIKES:
        yield "", "", "2024-01-02 12:30:00", "like", "", order, method, ""
    for region, count in REGIONS.items():
        for _ in range(count):
            yield "", "", "2024-01-02 12:30:00", "like", "", "", "", region


def write(path: Path, rows: Iterable[Sequence[str]]) -> None:
    with path.open("w", newline="") as file:
        csv.writer(file).writerows(rows)


@pytest.fixture(scope="module")
def warehouse(build: Build, tmp_path_factory: pytest.TempPathFactory) -> Warehouse:
    folder = tmp_path_factory.mktemp("measures")
    write(folder / "interactions.csv", [list(COLUMNS), *interactions()])
    write(folder / "products.csv", [("product", "category"), *CATEGORIES.items()])
    write(folder / "customers.csv", [("customer",), *((name,) for name in CUSTOMER_VIEWS)])
    blocks = {
        "interactions": COLUMNS[:-1],
        "products": ("product", "category"),
        "customers": ("customer",),
    }
    built = build(
        {
            "name": "measures",
            "folder": str(folder),
            "interaction_types": {kind: [kind] for kind in ("purchase", "view", "like")},
            "dimensions": [{"name": "region", "column": "region"}],
            **{
                block: {"files": f"{block}.csv", "columns": {name: name for name in columns}}
                for block, columns in blocks.items()
            },
        }
    )
    # The page explains the score behind the verdict, but the score is not published.
    (path,) = built.execute(
        "select path from duckdb_databases() where database_name = 'topheavy'"
    ).fetchone() or ("",)
    built.execute(f"attach '{Path(path).with_name('work.duckdb')}' as work (read_only)")
    return built


def cells(line: str) -> list[str]:
    return [cell.strip() for cell in line.strip("|").split("|")]


def examples() -> Iterator[tuple[str, list[Printed]]]:
    """Yield the source of each checked table's rows, and its rows as printed."""
    for source, table in TABLE.findall(PAGE):
        header, _, *lines = (cells(line) for line in table.splitlines())
        if header[0] == "index":
            values = [place for place, title in enumerate(header) if title.startswith("value")]
            named = [(name, line) for line in lines for name in NAME.findall(line[0])]
            rows = [{name: line[place] for name, line in named} for place in values]
            yield source or RUNNING_EXAMPLE, rows
        elif source:
            columns = {place: NAME.findall(title) for place, title in enumerate(header)}
            printed = [
                {name: line[place] for place, names in columns.items() for name in names}
                for line in lines
            ]
            yield source, printed


def as_printed(value: Any, like: str) -> str:
    """Return a value with as many decimals as the page has."""
    if value is None:
        return "NULL"
    if isinstance(value, str):
        return value
    return f"{value:.{len(like.partition('.')[2])}f}"


def test_values_equal_those_of_the_warehouse(warehouse: Warehouse) -> None:
    for source, printed in examples():
        names = list(printed[0])
        found = warehouse.execute(f"select {', '.join(names)} from {source}").fetchall()
        rows = [dict(zip(names, row, strict=True)) for row in found]
        assert printed == [
            {name: as_printed(row[name], like) for name, like in expected.items()}
            for row, expected in zip(rows, printed, strict=True)
        ], source


def test_every_index_has_a_section_and_an_example(warehouse: Warehouse) -> None:
    columns = {name for name, *_ in warehouse.execute("describe concentration_indices").fetchall()}
    tables = {name for (name,) in warehouse.execute("show tables").fetchall()}
    headings = [line for line in PAGE.splitlines() if line.startswith("### ")]
    sections = [name for line in headings for name in NAME.findall(line)]
    shown = {name for _, rows in examples() for name in rows[0]}
    assert len(sections) == len(set(sections))
    assert columns <= set(sections) <= columns | tables
    assert columns - shown == {"period_grain", "period_start", "measure", "verdict_reason"}


def test_formulas_survive_markdown() -> None:
    formulas = FORMULA.findall(PAGE)
    assert len(formulas) > 100
    for before, formula, after in formulas:
        # Characters that Markdown would interpret: escapes, table cells, emphasis, bare dollars.
        assert not re.search(r"\\[^a-z]|[|*<>]|[})\]]_", formula), formula
        assert re.fullmatch(r"[(-]?", before) and re.fullmatch(r"[-.,;:)'+]?", after), formula


def test_lines_are_of_readable_length() -> None:
    assert [line for line in PAGE.splitlines() if len(line) > 140] == []
