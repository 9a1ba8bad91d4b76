"""Two dimensions against each other by quarter.

Sums by one dimension and several others at once are added up to pairs, so that the rows are read
a few times and not once for each pair.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from decimal import Decimal
from math import prod
from typing import Any

from topheavy.report.star import UNITS, Star

# So many combinations of dimensions are added up at once.
MOST_GROUPS = 20_000
SUMS = "count(*) as interactions, sum(purchase) as purchases, sum(revenue) as revenue"
ADDED = "sum(interactions), sum(purchases), sum(revenue)"
Cell = tuple[Any, ...]


def crossed_cells(star: Star, most: int, count: int, without: Sequence[str]) -> list[Cell]:
    """Both dimensions, the quarter, both entities, and the sums of the three measures.

    Of the dimensions with at most so many entities, the first so many are crossed.
    """
    source = star.source
    small = [it for it in star.source.dimensions if source.counts[it] <= most and it not in without]
    dimensions = [it for it in small[:count] if it in star.columns]
    names = {it: source.leading(it, source.main, most) for it in dimensions}
    found: list[Cell] = []
    for at, one in enumerate(dimensions):
        for others in bins(dimensions[at + 1 :], names):
            found += cells_of(star, one, others, names)
    return found


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


def cells_of(star: Star, one: str, others: list[str], names: dict[str, list[str]]) -> list[Cell]:
    run = star.source.warehouse.execute
    columns = star.columns
    kept = ", ".join(columns[it] for it in [one, *others])
    run(
        f"create or replace temp table page_step as select {kept}, month // 3 as quarter, {SUMS}"
        f" from page_codes where {columns[one]} between 1 and {len(names[one])} group by all"
    )
    found: list[Cell] = []
    for other in others:
        query = (
            f"select {columns[one]}, {columns[other]}, quarter, {ADDED} from page_step"
            f" where {columns[other]} between 1 and {len(names[other])}"
            " group by 1, 2, 3 order by 1, 2, 3"
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
