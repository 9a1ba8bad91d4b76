"""The functions in the warehouse file equal its tables, and docs/sql.md shows their results."""

from __future__ import annotations

import re
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest
from conftest import PROJECT, Warehouse
from hypothesis import given
from hypothesis import strategies as st
from reference_indices import indices, is_near

PAGE = PROJECT / "docs" / "sql.md"
EXAMPLE = re.compile(r"```sql\n([^`]+)```\n(?:\n(?:\|.*\n)+)?")

# A function, and the column of concentration_indices that it must equal.
EQUALS = {
    "hhi(x)": "hhi",
    "effective_number(x)": "effective_number",
    "gini(x)": "gini",
    "top_share(x, 1)": "cr1",
    "top_share(x, 10)": "cr10",
    "theil(x)": "theil_t",
    "shannon(x)": "shannon_entropy",
    "hoover(x)": "hoover",
    "entities_to(x, 0.5)": "entities_to_50pct",
    "entities_to(x, 0.8)": "entities_to_80pct",
}


def test_functions_equal_the_tables(sample: Warehouse) -> None:
    """Check every dimension and measure. An empty hour counts as a member there, but not here."""
    columns = ", ".join(f"{call}, any_value({column})" for call, column in EQUALS.items())
    query = f"""
        select dimension, measure, {columns}
        from (select *, entity_value as x from entity_concentration)
        inner join concentration_indices using (dimension, measure)
        where period_grain = 'all' and dimension != 'hour'
        group by dimension, measure
    """
    rows = sample.execute(query).fetchall()
    assert len(rows) > 40
    for dimension, measure, *values in rows:
        pairs = zip(EQUALS, values[::2], values[1::2], strict=True)
        unequal = [pair for pair in pairs if not is_near(pair[1], pair[2])]
        assert unequal == [], (dimension, measure)


# Steps up to a hundred thousand that a double represents exactly. A sum of 40 of them comes no
# closer to half or four fifths of the total than the 1e-12 that entities_to treats as rounding.
AMOUNTS = st.integers(1, 10**9).map(lambda steps: steps / 2**13)


@given(values=st.lists(st.one_of(st.none(), st.integers(-3, 40), AMOUNTS), max_size=40))
def test_functions_equal_their_definitions(sample: Warehouse, values: list[Any]) -> None:
    columns = ", ".join(EQUALS)
    query = f"select {columns} from (select unnest(cast(? as double[])) as x)"
    found = sample.execute(query, [values]).fetchall()[0]
    above = [value for value in values if value is not None and value > 0]
    expected = indices(above) if above else dict.fromkeys(EQUALS.values())
    for (call, column), value in zip(EQUALS.items(), found, strict=True):
        assert is_near(value, expected[column]), (call, values)


@pytest.mark.parametrize(
    ("call", "value"),
    [
        ("top_share(x, 0)", 0),
        ("top_share(x, 2.5)", 0.75),
        ("top_share(x, 9)", 1),
        ("top_share(x, -1)", None),
        ("entities_to(x, 1)", 4),
        ("entities_to(x, 80)", None),
        ("entities_to(x, null)", None),
        ("cast(shannon(8) as varchar)", "0.0"),
    ],
)
def test_functions_at_their_edges(sample: Warehouse, call: str, value: Any) -> None:
    query = f"select {call} from (select unnest([50, 25, 12.5, 12.5]) as x)"
    if "shannon" in call:
        query = f"select {call}"
    assert sample.execute(query).fetchall() == [(value,)]


def test_functions_work_in_a_file_that_is_attached(sample: Warehouse) -> None:
    path = sample.execute(
        "select path from duckdb_databases() where database_name = current_database()"
    ).fetchall()[0][0]
    with duckdb.connect() as other:
        other.execute(f"attach '{path}' as another (read_only)")
        query = "select another.effective_number(x) from (select unnest([1, 1, 2]) as x)"
        assert is_near(other.execute(query).fetchall()[0][0], 16 / 6)


def test_the_table_functions_give_the_marts(sample: Warehouse) -> None:
    for query, rows in (
        (
            "from concentration_of('product', 'purchases')",
            "select * exclude (dimension, measure) from entity_concentration "
            "where dimension = 'product' and measure = 'purchases'",
        ),
        (
            "from lorenz_of('hour', 'revenue')",
            "select point_number, entity_count, entity_share, value_share from lorenz_curves "
            "where (dimension, measure, period_grain) = ('hour', 'revenue', 'all')",
        ),
    ):
        found = sample.execute(query).fetchall()
        assert found and sorted(found, key=repr) == sorted(
            sample.execute(rows).fetchall(), key=repr
        )


@pytest.mark.parametrize("name", ["concentration_of", "lorenz_of"])
def test_an_unknown_name_is_an_error_that_lists_the_known(sample: Warehouse, name: str) -> None:
    with pytest.raises(duckdb.Error, match=r"no revenue by custmer; .*customer, customer_segment"):
        sample.execute(f"from {name}('custmer', 'revenue')").fetchall()


@pytest.mark.parametrize("name", ["concentration_of", "lorenz_of"])
@pytest.mark.parametrize(
    ("opened", "alias", "named"),
    [
        (":memory:", "topheavy", ""),
        (":memory:", "My shop", ", 'My shop'"),
        ("own", "shop", ", 'shop'"),
    ],
)
def test_they_work_on_an_attached_file(
    name: str, opened: str, alias: str, named: str, sample: Warehouse, tmp_path: Path
) -> None:
    """They work without `use`, from a session in memory or with a file of its own."""
    expected = sample.execute(f"from {name}('product', 'revenue')").fetchall()
    (path,) = sample.execute("select path from duckdb_databases() where not internal").fetchall()[0]
    own = opened if opened == ":memory:" else str(tmp_path / "own.duckdb")
    with duckdb.connect(own) as session:
        session.execute(f"""attach '{path}' as "{alias}" (read_only)""")
        query = f"""from "{alias}".{name}('product', 'revenue'{named})"""
        assert session.execute(query).fetchall() == expected
        hhi = f"""select "{alias}".hhi(entity_value) from "{alias}".entity_concentration"""
        assert session.execute(hhi).fetchall()


def test_every_function_has_a_description(sample: Warehouse) -> None:
    found = sample.execute(
        "select function_name, comment from duckdb_functions() where not internal"
    ).fetchall()
    page = PAGE.read_text(encoding="utf-8")
    assert len(found) == 10
    for name, comment in found:
        assert f"{name}(" in comment, name
        assert f"`{name}(" in page, name


def as_table(warehouse: Warehouse, query: str) -> str:
    """Return the result as the page prints it."""
    answer = warehouse.execute(query)
    names = [column[0] for column in answer.description or []]
    lines = [names, ["---"] * len(names), *(map(as_text, row) for row in answer.fetchall())]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def as_text(value: Any) -> str:
    if isinstance(value, float):
        return f"{value:.3f}"
    return f"{value:,.2f}" if isinstance(value, Decimal) else str(value)


def with_answers(warehouse: Warehouse, page: str) -> str:
    """Return the page with the result after each example."""
    return EXAMPLE.sub(
        lambda found: f"```sql\n{found[1]}```\n\n{as_table(warehouse, found[1])}", page
    )


def test_the_page_shows_what_the_sample_answers(sample: Warehouse) -> None:
    page = PAGE.read_text(encoding="utf-8")
    assert page.count("```sql") == 6
    assert page == with_answers(sample, page)
