"""Check the first values of a file: times must fit a format, and ids must have all of
their digits.
"""

from __future__ import annotations

import itertools
import re
from collections import Counter
from collections.abc import Iterator
from functools import cache, lru_cache

import duckdb

from topheavy.in_memory import in_memory
from topheavy.mapping.containers import is_workbook
from topheavy.mapping.errors import MappingError
from topheavy.mapping.files import FIRST_ROWS, InputFile, read_rows
from topheavy.mapping.keys import Column, ExportMapping
from topheavy.mapping.macro_sql import Macros
from topheavy.mapping.sources import attached, literal, name_of

SAMPLED_ROWS = 10_000
# `%Y` reads "18" as the year 18: a time before this year means a wrong format, not an old sale.
FIRST_YEAR = 1900
# The format of the text that is made from workbook cells stored as times.
TYPED_FORMATS = ("%Y-%m-%d %H:%M:%S", "%Y-%m-%d %H:%M:%S.%f", "%Y-%m-%d")


def check_times(mapping: ExportMapping, files: list[InputFile]) -> None:
    """Check that the first times of every file fit a format; the warehouse counts the others by
    row.
    """
    block = mapping.time_block
    ours = [file for file in files if file.block == block and file.has_rows and file.header]
    columns = [
        column
        for column in mapping.columns_of(block)
        if column.key.rpartition(".")[2] in ("time", "date", "time_of_day")
    ]
    if mapping.time_zone != "UTC":
        _check_instants([item for item in files if item.block == block], columns)
    limit = _rows_to_sample(len(ours))
    with in_memory() as database:
        for file in ours:
            stamps = _sampled_stamps(mapping, file, columns, limit)
            if stamps:
                _check_stamps(mapping, file, columns, stamps, database)


def _check_stamps(
    mapping: ExportMapping,
    file: InputFile,
    columns: list[Column],
    stamps: list[str],
    database: duckdb.DuckDBPyConnection,
) -> None:
    """Raise MappingError if none of a file's first values is a time in these years."""
    formats = [*mapping.dated_blocks[file.block].time_formats]
    if is_workbook(file.path):
        formats += TYPED_FORMATS
    shown_stamps = f"e.g. {', '.join(dict.fromkeys(stamps[:3]))}"
    name = " ".join(column.header for column in columns)
    if not formats:
        raise MappingError(
            f"'{name}' is text in {file.path.name}, {shown_stamps}; set {file.block}.time_formats"
        )
    years = database.execute(
        f"select max(year({_reading(*formats)})) from (select unnest(?::varchar[]) as stamp)",
        [stamps],
    ).fetchone()
    tried = " or ".join(f"'{text}'" for text in formats)
    values = f"first {len(stamps):,} values of '{name}' in {file.path.name}"
    if not years or years[0] is None:
        raise MappingError(
            f"none of the {values} fits {tried}, {shown_stamps}; set {file.block}.time_formats"
        )
    if years[0] < FIRST_YEAR:
        raise MappingError(
            f"the {values} lie before {FIRST_YEAR} with {tried}, {shown_stamps}; "
            "%Y is a year of four digits, %y of two"
        )


@lru_cache(maxsize=32)
def _reading(*formats: str) -> str:
    """Return the SQL with which the build reads a time, written once for hundreds of files."""
    return Macros({"interactions": {"time_formats": [*formats]}}).sql(
        "parse_timestamp", "stamp", "interactions"
    )


@cache
def _scientific() -> re.Pattern[str]:
    return re.compile(Macros({}).sql("scientific_pattern"))


def check_ids(mapping: ExportMapping, files: list[InputFile]) -> None:
    """Refuse ids in scientific notation, which have lost digits: several ids may have
    become one. A data test reports those that do not occur in the first rows.
    """
    scientific = _scientific()
    limits = {
        block: _rows_to_sample(number)
        for block, number in Counter(file.block for file in files).items()
    }
    for file in files:
        columns = [
            column
            for column in mapping.columns_of(file.block)
            if column.key.rpartition(".")[2] in ("customer", "product", "order")
            and not {*column.spellings}.isdisjoint(file.header)
        ]
        names = [
            next(name for name in column.spellings if name in file.header) for column in columns
        ]
        if not names or file.types:
            continue
        for row in itertools.islice(_texts(mapping, file, names), limits[file.block]):
            for column, text in zip(columns, row, strict=True):
                if scientific.match(text):
                    raise MappingError(
                        f"'{column.header}' in {file.path.name} has ids in scientific notation, "
                        f"such as {text} ({column.key}): Excel has cut off their last digits, so "
                        "different ids may have become equal; export the column as text, or remove "
                        "it from columns"
                    )


def _rows_to_sample(file_count: int) -> int:
    """Return how many rows of each file are checked, so that hundreds of files take no longer than
    one does.
    """
    return max(SAMPLED_ROWS // max(file_count, 1), FIRST_ROWS)


def _check_instants(files: list[InputFile], columns: list[Column]) -> None:
    """Require a time zone in the mapping if a Parquet column has instants, which are
    read in UTC.
    """
    for file, column in itertools.product(files, columns):
        if not set(file.instants).isdisjoint(column.spellings):
            raise MappingError(
                f"time_zone: must be UTC, because '{column.header}' in {file.path.name} has times "
                f"with a time zone ({column.key}); set business_time_zone to count hours elsewhere"
            )


def _sampled_stamps(
    mapping: ExportMapping, file: InputFile, columns: list[Column], limit: int
) -> list[str]:
    """Return the times of the first rows that have one; none for Parquet columns with a
    time type.
    """
    names = [next(name for name in column.spellings if name in file.header) for column in columns]
    rows = _typed_texts(file, names) if file.types else _texts(mapping, file, names)
    missing = {"", *(text.strip().casefold() for text in mapping.missing_values)}
    stamps = (" ".join(row) for row in rows if row[0].casefold() not in missing)
    return list(itertools.islice(stamps, limit))


def _texts(mapping: ExportMapping, file: InputFile, names: list[str]) -> Iterator[list[str]]:
    places = [file.header.index(name) for name in names]
    rows = read_rows(file.path, mapping.blocks[file.block].format)
    for row in itertools.islice(rows, 1, None):
        yield [row[place] if place < len(row) else "" for place in places]


def _typed_texts(file: InputFile, names: list[str]) -> Iterator[list[str]]:
    columns = ", ".join(name_of(name) for name in names)
    relation = f"read_parquet({literal(file.path)})"
    with duckdb.connect() as database:
        if file.relation:
            database.execute(attached(str(file.path)).statement)
            parts = [attached(str(file.path)).name, *file.relation.split(".")]
            relation = ".".join(name_of(part) for part in parts)
        query = f"select {columns} from {relation}"
        types = database.execute(f"describe {query}").fetchall()
        if any(row[1] == "VARCHAR" for row in types):
            cursor = database.execute(query)
            while rows := cursor.fetchmany(SAMPLED_ROWS):
                yield from ([str(value or "").strip() for value in row] for row in rows)
