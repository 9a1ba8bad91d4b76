"""Two dimensions against each other by quarter, where the rows are too many to join as texts.

Customers and products are joined by their keys, and each entity stands as a number of one byte. Of
each dimension the first column is taken whose sums are those of `entity_concentration`. Sums by one
dimension and several others at once are added up to pairs, so that the rows are read a few times
and not once for each pair.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from decimal import Decimal
from math import prod
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from topheavy.report.answer_rows import Source

KEYS = {"customers": "customer_key", "products": "product_key"}
CALENDAR = {
    "weekday": "dayname(interacted_at)",
    "hour": "case when has_time_of_day then strftime(interacted_at, '%H') end",
}
# So many combinations of dimensions are added up at once.
MOST_GROUPS = 20_000
# Money in parts of which doubles add up whole numbers exactly: far quicker than decimals.
UNITS = 10_000
SUMS = "count(*) as interactions, sum(purchase) as purchases, sum(revenue) as revenue"
ADDED = "sum(interactions), sum(purchases), sum(revenue)"
Cell = tuple[Any, ...]


def can_be_crossed(source: Source) -> bool:
    """Whether the published file has the star."""
    found = source.warehouse.execute(
        "select count(*) from duckdb_columns() where table_name = 'interaction_facts'"
        " and column_name in ('customer_key', 'product_key', 'interacted_at')"
    ).fetchone()
    return found == (3,)


def crossed_cells(source: Source, most: int, count: int, without: Sequence[str]) -> list[Cell]:
    """Both dimensions, the quarter, both entities, and the sums of the three measures.

    Of the dimensions with at most so many entities, the first so many are crossed.
    """
    small = [it for it in source.dimensions if source.counts[it] <= most and it not in without]
    small = small[:count]
    columns = {it: candidates(source, it) for it in small}
    names = {it: source.leading(it, source.main, most) for it in small}
    make_codes(source, columns, names)
    chosen = {it: checked(source, it, columns[it], names[it]) for it in small}
    dimensions = [it for it in small if chosen[it]]
    found: list[Cell] = []
    for at, one in enumerate(dimensions):
        for others in bins(dimensions[at + 1 :], names):
            found += cells_of(source, one, others, chosen, names)
    return found


def candidates(source: Source, dimension: str) -> dict[str, str]:
    """The code of each column that may hold a dimension, and where the column is."""
    if dimension in CALENDAR:
        return {code_of(source, dimension, "row"): "interaction_facts"}
    found = source.warehouse.execute(
        "select table_name from duckdb_columns() where column_name = ?"
        " and table_name in ('interaction_facts', 'products', 'customers')",
        [dimension],
    ).fetchall()
    tables = [it for it in ("interaction_facts", "products", "customers") if (it,) in found]
    return {code_of(source, dimension, it): it for it in tables}


def code_of(source: Source, dimension: str, table: str) -> str:
    return f"{table}_{source.dimensions.index(dimension)}"


def make_codes(
    source: Source, columns: dict[str, dict[str, str]], names: dict[str, list[str]]
) -> None:
    """The rows with a number for each entity, 0 for what names none of the leading ones."""
    run = source.warehouse.execute
    coded = {
        table: [
            f"{code_sql(CALENDAR.get(dimension, dimension), names[dimension])} as {code}"
            for dimension, found in columns.items()
            for code, place in found.items()
            if place == table
        ]
        for table in ("interaction_facts", *KEYS)
    }
    for table, key in KEYS.items():
        run(
            f"create or replace temp table page_codes_of_{table} as select"
            f" {', '.join([key, *coded[table]])} from {table}"
        )
    joins = " ".join(
        f"left join page_codes_of_{table} on interaction_facts.{key} = page_codes_of_{table}.{key}"
        for table, key in KEYS.items()
    )
    of_owners = [it.rpartition(" as ")[2] for table in KEYS for it in coded[table]]
    selected = "".join(f", {it}" for it in [*coded["interaction_facts"], *of_owners])
    run(f"""
        create or replace temp table page_codes as
        select cast(year(interacted_at) * 4 + quarter(interacted_at) - 1 as usmallint) as quarter,
            cast(coalesce(interaction_type = 'purchase', false) as utinyint) as purchase,
            cast(coalesce(revenue, 0) * {UNITS} as double) as revenue{selected}
        from interaction_facts {joins}""")


def code_sql(column: str, names: list[str]) -> str:
    listed = ", ".join("'" + it.replace("'", "''") + "'" for it in names)
    column = column if "(" in column else f'"{column}"'
    return f"cast(coalesce(list_position([{listed}], cast({column} as varchar)), 0) as utinyint)"


def checked(source: Source, dimension: str, columns: dict[str, str], names: list[str]) -> str:
    """The first column whose sums are the published ones; empty where none has them."""
    published = source.warehouse.execute(
        "select entity_id, max(case when measure = 'interactions' then entity_value end),"
        " max(case when measure = 'purchases' then entity_value end),"
        " max(case when measure = 'revenue' then entity_value end)"
        " from entity_concentration where dimension = ? group by 1",
        [dimension],
    ).fetchall()
    expected = {name: tuple(it or 0 for it in sums) for name, *sums in published if any(sums)}
    for column in columns:
        rows = source.warehouse.execute(
            f"select {column}, {SUMS} from page_codes where {column} > 0 group by 1"
        ).fetchall()
        sums_of = {names[code - 1]: in_money(sums) for code, *sums in rows if any(sums)}
        if sums_of == expected:
            return column
    return ""


def bins(dimensions: Sequence[str], names: dict[str, list[str]]) -> Iterator[list[str]]:
    """Dimensions that are added up at once."""
    found: list[str] = []
    for dimension in dimensions:
        if prod(len(names[it]) + 1 for it in [*found, dimension]) > MOST_GROUPS and found:
            yield found
            found = []
        found.append(dimension)
    if found:
        yield found


def cells_of(
    source: Source, one: str, others: list[str], chosen: dict[str, str], names: dict[str, list[str]]
) -> list[Cell]:
    run = source.warehouse.execute
    kept = ", ".join(chosen[it] for it in [one, *others])
    run(
        f"create or replace temp table page_step as select {kept}, quarter, {SUMS}"
        f" from page_codes where {chosen[one]} > 0 group by all"
    )
    found: list[Cell] = []
    for other in others:
        query = (
            f"select {chosen[one]}, {chosen[other]}, quarter, {ADDED} from page_step"
            f" where {chosen[other]} > 0 group by 1, 2, 3 order by 1, 2, 3"
        )
        for code, other_code, quarter, *sums in run(query).fetchall():
            start = date(quarter // 4, quarter % 4 * 3 + 1, 1) if quarter else None
            entities = names[one][code - 1], names[other][other_code - 1]
            found.append(((one, other), start, *entities, in_money(sums)))
    return found


def in_money(sums: Sequence[float]) -> tuple[Decimal, ...]:
    """Rows, purchases and revenue, the last of them in its own unit."""
    *counts, revenue = (Decimal(int(it)) for it in sums)
    return *counts, revenue / UNITS
