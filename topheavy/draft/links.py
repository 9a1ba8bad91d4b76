"""Find how the tables of an export are related: which column looks up which table."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

import duckdb

from topheavy.draft.columns import Column
from topheavy.draft.profiles import Table
from topheavy.draft.roles import FEW_VALUES, KEY_ROLES, MOSTLY, NEARLY_ALL
from topheavy.mapping.name_hints import name_score, normalized

# A file that describes a smaller share of the keys than this is not their lookup table.
FEW_FOUND = 0.05


@dataclass(frozen=True)
class Link:
    """A column of one table whose values are the unique keys of another table."""

    child: Table
    child_column: Column
    parent: Table
    parent_column: Column
    share: float
    role: str


def find_links(tables: Sequence[Table], database: duckdb.DuckDBPyConnection) -> list[Link]:
    """Return the best link of each ordered pair of tables that has one."""
    links = []
    for child, parent in itertools.permutations(tables, 2):
        found = [
            link
            for key in parent.columns
            if key.filled == key.distinct >= NEARLY_ALL * parent.rows and key.stamp_share < MOSTLY
            for column in child.columns
            if (link := _link(child, column, parent, key, database))
        ]
        if found:
            links.append(max(found, key=lambda link: (bool(link.role), link.share)))
    # If each key is unique in the other table, the table that has all keys of the other is the
    # lookup.
    return [
        link
        for link in links
        if not any(
            (back.child, back.parent) == (link.parent, link.child)
            and (back.share, link.parent.key) > (link.share, back.parent.key)
            for back in links
        )
    ]


def _link(
    child: Table, column: Column, parent: Table, key: Column, database: duckdb.DuckDBPyConnection
) -> Link | None:
    scores = {
        role: max(name_score(column.name, role), name_score(key.name, role)) for role in KEY_ROLES
    }
    role = max(scores, key=lambda name: scores[name])
    alike = normalized(column.name) == normalized(key.name) or all(
        name_score(name, role) for name in (column.name, key.name)
    )
    # Every sequence of ids contains small whole numbers, so they link only columns with similar
    # names.
    if not alike and (key.number_share > MOSTLY or column.distinct <= FEW_VALUES):
        return None
    bare = "regexp_replace(trim(c{}), '^([0-9]+)[.]0+$', '\\1')"
    share = database.execute(
        f"select avg(case when value in (select {bare.format(key.place)} from {parent.key})"
        f" then 1 else 0 end) from (select distinct {bare.format(column.place)} as value"
        f" from {child.key} where c{column.place} <> '')"
    ).fetchall()[0][0]
    # A file may describe only some customers, and only the first keys of a long file are known. A
    # matching name then counts for more than the values.
    least = 0 if parent.is_sample else FEW_FOUND
    if not share or (share < MOSTLY and not (alike and share >= least)):
        return None
    return Link(child, column, parent, key, float(share), role if scores[role] else "")


def main_table(tables: Sequence[Table], links: Sequence[Link]) -> Table:
    """Return the table of interactions: the one that looks up the others."""
    looked_up = {link.parent.key for link in links}
    looking = {link.child.key for link in links}
    return max(
        tables,
        key=lambda table: (
            table.key not in looked_up,
            table.key in looking,
            any(column.stamp_share >= MOSTLY for column in table.columns),
            table.rows,
        ),
    )
