"""Profile export files: how they are stored, and what the values of each column look like.

Files with similar headers form one table. A bounded sample of its rows is loaded into DuckDB as
text, and each column is described by counts: how many values are numbers, and with which decimal
mark, how many fit each time format, and how many are distinct. This module decides nothing.

Usage:
    from topheavy.draft.profiles import profile_files
"""

from __future__ import annotations

import csv
import itertools
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import duckdb

from topheavy.draft.columns import Column, load_texts, profile_columns
from topheavy.draft.kinds_of_files import aliases_of, common_layout, files_alike
from topheavy.draft.layouts import Layout, read_layout
from topheavy.mapping.errors import MappingError
from topheavy.mapping.files import (
    INSTANTS,
    fields_of,
    read_rows,
)

SAMPLED_ROWS = 100_000


@dataclass(frozen=True)
class Table:
    """Files of one kind, and the profile of their sampled rows."""

    key: str
    paths: tuple[Path, ...]
    layout: Layout
    aliases: dict[str, tuple[str, ...]]
    """Columns with the other spellings of their names that some files have."""
    drifts: dict[str, tuple[str, ...]]
    """Columns that only some files have, with the files that lack them."""
    rows: int
    is_sample: bool
    columns: tuple[Column, ...]
    rows_by_file: dict[Path, int] = field(default_factory=dict)
    """The number of profiled rows of each file; empty for Parquet files."""


def profile_files(paths: Sequence[Path], database: duckdb.DuckDBPyConnection) -> list[Table]:
    """Return the tables that the files form, loaded into `database` under their keys."""
    layouts = {path: read_layout(path) for path in sorted(set(paths))}
    return [
        profile_table(f"table_{number}", group, layouts, database)
        for number, group in enumerate(files_alike(layouts), start=1)
    ]


def profile_table(
    key: str,
    paths: list[Path],
    layouts: dict[Path, Layout],
    database: duckdb.DuckDBPyConnection,
) -> Table:
    aliases = aliases_of([layouts[path].header for path in paths])
    layout = common_layout(paths, layouts, aliases)
    limit = max(SAMPLED_ROWS // len(paths), 1)
    types: dict[str, str] = {}
    rows_by_file: dict[Path, int] = {}
    if layout.is_parquet:
        types = _load_parquet(key, paths, layout, aliases, database)
    else:
        aligned = (
            counted_rows(_aligned(path, layouts[path], layout, aliases, limit), path, rows_by_file)
            for path in paths
        )
        _load(key, itertools.chain.from_iterable(aligned), len(layout.header), database)
    count = database.execute(f"select count(*) from {key}").fetchall()[0][0]
    if not count:
        raise MappingError(f"{paths[0]} has a header but no rows")
    load_texts(key, range(len(layout.header)), database)
    named = {place: name for place, name in enumerate(layout.header) if name}
    columns = profile_columns(named, types, database)
    drifts = {}
    for name in layout.header:
        spellings = {name, *aliases.get(name, ())}
        lacking = [path.name for path in paths if spellings.isdisjoint(layouts[path].header)]
        if lacking:
            drifts[name] = tuple(lacking)
    is_sample = count >= limit * len(paths) or limit in rows_by_file.values()
    return Table(
        key,
        tuple(paths),
        layout,
        aliases,
        drifts,
        count,
        is_sample,
        tuple(columns),
        rows_by_file,
    )


def counted_rows(
    rows: Iterable[list[str]], path: Path, counts: dict[Path, int]
) -> Iterator[list[str]]:
    """Yield the rows of a file, and count them under its path."""
    counts[path] = 0
    for row in rows:
        counts[path] += 1
        yield row


def _aligned(
    path: Path, layout: Layout, common: Layout, aliases: dict[str, tuple[str, ...]], limit: int
) -> Iterator[list[str]]:
    """Yield the rows of a file that are not blank, with the columns of all files of its kind."""
    stored = replace(layout.format, encoding=common.encoding)
    places = []
    for name in common.header:
        spellings = (name, *aliases.get(name, ()))
        present = [layout.header.index(text) for text in spellings if text in layout.header]
        places.append(present[0] if present else -1)
    rows = itertools.islice(read_rows(path, stored), 1, None)
    filled = (row for row in rows if any(row))
    for row in itertools.islice(filled, limit):
        yield [row[place] if 0 <= place < len(row) else "" for place in places]


def _load(
    key: str, rows: Iterable[list[str]], width: int, database: duckdb.DuckDBPyConnection
) -> None:
    """Load rows as text, through a temporary file in a known layout, which is the fastest way."""
    columns = ", ".join(f"'c{place}': 'varchar'" for place in range(width))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "rows.csv"
        with path.open("w", encoding="utf-8", newline="") as handle:
            csv.writer(handle, quoting=csv.QUOTE_ALL, lineterminator="\n").writerows(rows)
        database.execute(
            f"create temp table {key} as from read_csv(?, header = false, auto_detect = false, "
            f"new_line = '\\n', delim = ',', quote = '\"', escape = '\"', columns = {{{columns}}})",
            [str(path)],
        )


def _load_parquet(
    table: str,
    paths: list[Path],
    layout: Layout,
    aliases: dict[str, tuple[str, ...]],
    database: duckdb.DuckDBPyConnection,
) -> dict[str, str]:
    """Load Parquet rows as text, with instants in UTC, and return the types of the columns."""
    files = [str(path) for path in paths]
    source = "read_parquet(?, union_by_name = true)"
    types = {
        str(row[0]): str(row[1])
        for row in database.execute(f"describe from {source}", [files]).fetchall()
    }
    columns = []
    paths_of = {
        name: place for text, kind in types.items() for name, place in fields_of(text, kind).items()
    }
    for place, name in enumerate(layout.header):
        spellings = [
            f"timezone('UTC', cast({identifier(text)} as timestamptz))"
            if types.get(text) in INSTANTS
            else paths_of.get(text, identifier(text))
            for text in (name, *aliases.get(name, ()))
        ]
        texts = ", ".join(f"cast({text} as varchar)" for text in spellings)
        columns.append(f"coalesce({texts}, '') as c{place}")
    query = f"select {', '.join(columns)} from {source} limit {SAMPLED_ROWS}"
    database.execute(f"create temp table {table} as {query}", [files])
    return types


def identifier(name: str) -> str:
    """Return a name quoted for SQL."""
    return '"' + name.replace('"', '""') + '"'
