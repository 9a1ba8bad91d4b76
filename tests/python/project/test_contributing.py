"""The walks of a number and of a mapping key in CONTRIBUTING.md are correct."""

from __future__ import annotations

import re
from itertools import pairwise
from pathlib import Path

import duckdb
import pytest
from conftest import PROJECT, Warehouse

PAGE = (PROJECT / "CONTRIBUTING.md").read_text(encoding="utf-8")
CUSTOMER = "customer_key = (select customer_key from customers where customer_id = '1469')"
ENTITY = f"dimension = 'customer' and entity_{CUSTOMER.removeprefix('customer_')}"
WHOLE = "dimension = 'customer' and measure = 'revenue' and period_grain = 'all'"
LARGEST = "section = 'concentration' and series = 'Customer' and label = 'Largest'"
# A query on a table, and how the page writes its result.
ASKED = {
    "stg_interactions": (
        "select count(*) from work.staging.stg_interactions"
        " where customer_id = '1469' and not is_blank and reject_reason is null",
        "{:,} usable rows",
    ),
    "interaction_facts": (
        f"select sum(revenue) from interaction_facts where {CUSTOMER}",
        "{:,.2f}",
    ),
    "int_entity_months": (
        f"select count(*) from work.intermediate.int_entity_months where {ENTITY}",
        "{} months",
    ),
    "int_entity_totals": (
        f"select revenue from work.intermediate.int_entity_totals where {ENTITY}",
        "{:,.2f}",
    ),
    "int_value_spectrum": (
        "select entity_value, total_value from work.intermediate.int_value_spectrum"
        f" where {WHOLE} and membership = 'member' and entities_above = 0 and entity_count = 1",
        "{:,.2f} once, nothing above it, {:,.2f} in all",
    ),
    "int_index_sums": (f"select cr1 from work.intermediate.int_index_sums where {WHOLE}", "{:.5f}"),
    "concentration_indices": (f"select cr1 from concentration_indices where {WHOLE}", "{:.5f}"),
    "int_report_concentration": (
        f"select fact_value from work.intermediate.int_report_concentration where {LARGEST}",
        "{:.5f}",
    ),
    "report_facts": (f"select fact_value from report_facts where {LARGEST}", "{:.5f}"),
}
# What the page names as examples of keys, and the files in which it says they are.
EXAMPLES = {
    "business_time_zone": (
        *("topheavy/mapping/keys.py", "topheavy/mapping/rules.py"),
        "macros/input/values.sql",
    ),
    "parse_timestamp": ("macros/input/values.sql", "models/staging/stg_interactions.sql"),
    "unit_price": ("topheavy/mapping/blocks.py",),
    "mapped_text('interactions', 'unit_price')": ("models/staging/stg_interactions.sql",),
}


@pytest.fixture(scope="module")
def walk() -> dict[str, str]:
    """Return the page's text about each file, in order."""
    found = re.search(r"<!-- walk -->\n(.+?)<!-- /walk -->", PAGE, re.DOTALL)
    assert found
    return dict(re.findall(r"^\| `([^`]+)` \| (.+) \|$", found[1], re.MULTILINE))


def test_every_table_is_made_of_the_one_before(
    walk: dict[str, str], made_of: dict[str, set[str]]
) -> None:
    assert all((PROJECT / file).is_file() for file in walk)
    tables = [Path(file).stem for file in walk if file.startswith("models/")]
    assert set(tables) == ASKED.keys()
    assert [after for before, after in pairwise(tables) if before not in made_of[after]] == []


def test_every_figure_is_that_of_the_sample(walk: dict[str, str], sample: Warehouse) -> None:
    query = "select path from duckdb_databases() where not internal"
    ((warehouse,),) = sample.execute(query).fetchall()
    said = {Path(file).stem: text for file, text in walk.items()}
    with duckdb.connect(warehouse, read_only=True) as database:
        work = Path(warehouse).with_name("work.duckdb")
        database.execute(f"attach '{work}' as work (read_only)")
        for table, (query, words) in ASKED.items():
            row = database.execute(query).fetchone()
            assert row and words.format(*row) in said[table], table


def test_the_first_row_is_in_the_export(walk: dict[str, str]) -> None:
    lines = (PROJECT / "data" / "sample" / "sales_data.csv").read_text().splitlines()
    assert f"line 2 is `{lines[1]}`" in walk["data/sample/sales_data.csv"]
    assert "12.6%" in walk["topheavy/report/facts.py"]


def test_examples_of_keys_are_where_the_page_says() -> None:
    for name, files in EXAMPLES.items():
        assert name in PAGE
        for file in files:
            assert Path(file).name in PAGE
            assert name in (PROJECT / file).read_text(encoding="utf-8"), (name, file)
