"""Cross two small dimensions by quarter.

Columns that combine several dimensions are summed together, so that the rows are read a few times
instead of once for each pair.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import combinations
from math import prod
from typing import Any

from topheavy.report.star import ADDED, SUMS, Block, Star, combined

# The largest number of combinations of columns that are summed at once.
MOST_GROUPS = 60_000
Cell = tuple[Any, ...]


@dataclass
class Crossings:
    """The tables with the sums by two blocks and quarter."""

    star: Star
    tables: dict[frozenset[str], str] = field(default_factory=dict)

    @classmethod
    def of(cls, star: Star) -> Crossings:
        crossings = cls(star)
        run = star.source.warehouse.execute
        for block in star.blocks:
            table = f"page_quarters_of_{block.column}"
            run(
                f"create or replace temp table {table} as select {block.column},"
                f" month // 3 as quarter, {ADDED} from page_months_of_{block.column} group by 1, 2"
            )
            crossings.tables[frozenset([block.column])] = table
        for at, group in enumerate(groups_of(star.blocks)):
            columns = ", ".join(it.column for it in group)
            run(
                f"create or replace temp table page_crossing_{at} as select {columns},"
                f" month // 3 as quarter, {SUMS} from page_codes group by all"
            )
            for pair in combinations(group, 2):
                key = frozenset(it.column for it in pair)
                crossings.tables.setdefault(key, f"page_crossing_{at}")
        return crossings

    def table_of(self, one: str, other: str) -> str:
        """Return the table with the sums of two dimensions; empty if one of them is in no block."""
        blocks = [self.star.block_of(it) for it in (one, other)]
        return (
            self.tables.get(frozenset(it.column for it in blocks if it), "") if all(blocks) else ""
        )


def groups_of(blocks: Sequence[Block]) -> Iterator[list[Block]]:
    """Return sets of blocks such that any two blocks share a set."""
    pairs = list(combinations(blocks, 2))
    while pairs:
        group = list(pairs[0])
        for block in blocks:
            if block not in group and prod(map(combined, [*group, block])) <= MOST_GROUPS:
                group.append(block)
        yield group
        pairs = [(one, two) for one, two in pairs if one not in group or two not in group]


def crossed_cells(
    crossings: Crossings, most: int, count: int, without: Sequence[str]
) -> list[Cell]:
    """Return both dimensions, the quarter, both entities, and the sums of the three measures.

    Only the first `dimensions` dimensions with at most `entities` entities are crossed.
    """
    star, source = crossings.star, crossings.star.source
    small = [it for it in source.dimensions if source.counts[it] <= most and it not in without]
    dimensions = [it for it in small[:count] if it in star.columns]
    names = {it: source.leading(it, source.main, most) for it in dimensions}
    found: list[Cell] = []
    for one, other in combinations(dimensions, 2):
        table = crossings.table_of(one, other)
        if not table:
            continue
        query = (
            f"select {star.columns[one]} as one, {star.columns[other]} as other, quarter, {ADDED}"
            f" from {table} where one between 1 and {len(names[one])}"
            f" and other between 1 and {len(names[other])} group by 1, 2, 3 order by 1, 2, 3"
        )
        for code, other_code, quarter, *sums in source.warehouse.execute(query).fetchall():
            start = date(quarter // 4, quarter % 4 * 3 + 1, 1) if quarter else None
            entities = names[one][code - 1], names[other][other_code - 1]
            found.append(((one, other), start, *entities, sums))
    return found
