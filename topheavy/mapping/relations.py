"""Find tables and views that replace files, describe them, and read their column types.

A relation may be in an attached DuckDB file, in the database that dbt builds in, or in Spark; a
folder of Parquet counts as files. The same keys map its columns as those of files.

Usage:
    from topheavy.mapping.relations import check_relation, with_types
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import duckdb

from topheavy.mapping.errors import MappingError, nearest
from topheavy.mapping.keys import ExportMapping
from topheavy.mapping.sources import attached, name_of

NAMES_SHOWN = 20
NUMBER = re.compile(
    r"(U?(TINY|SMALL|BIG|HUGE)INT|U?INTEGER|FLOAT|DOUBLE|DECIMAL\([0-9, ]+\)|decimal\([0-9, ]+\)"
    r"|(tiny|small|big)?int|float|double)"
)
STAMP = re.compile(r"TIMESTAMP[^\[]*", re.IGNORECASE)


def type_class(kind: str) -> str:
    """Return the type of a column's values: number, date or timestamp; empty for text."""
    if NUMBER.fullmatch(kind):
        return "number"
    if kind.upper() == "DATE":
        return "date"
    return "timestamp" if STAMP.fullmatch(kind) else ""


def with_types(
    mapping: ExportMapping, columns: Mapping[str, Sequence[Mapping[str, str]]]
) -> ExportMapping:
    """Return the mapping with the column types that all files of a block share.

    `columns` has the columns of the files of each block, with their types. The mapping's settings
    for text do not apply to typed columns.
    """
    found = {}
    for block, files in columns.items():
        types = {}
        for column in mapping.columns_of(block):
            kinds = {
                type_class(next((file[name] for name in column.spellings if name in file), ""))
                for file in files
            }
            if len(kinds) == 1 and kinds != {""}:
                types[column.header] = kinds.pop()
        if types:
            found[block] = types
    return mapping.resolving(types=found)


def check_relation(name: str, database: str, block: str, folder: Path) -> dict[str, str]:
    """Return the columns of a table or view of a DuckDB file, with their types."""
    file = folder / database
    if not file.is_file():
        others = [item.name for item in folder.glob("*.duckdb")]
        near = nearest(file.name, others) or _listing("the folder has", others)
        raise MappingError(f"{block}.database: no such file {file}{near}")
    with duckdb.connect() as connection:
        try:
            connection.execute(attached(str(file)).statement)
        except duckdb.Error as error:
            if "lock" in str(error):
                raise MappingError(
                    f"{block}.database: another program writes into {file.name}; close it there"
                ) from None
            raise MappingError(f"{block}.database: {file.name} is not a DuckDB file") from None
        where = attached(str(file)).name
        return described(connection, f"{block}.relation", name, file.name, where)


def described(
    connection: duckdb.DuckDBPyConnection, key: str, name: str, where: str, database: str = ""
) -> dict[str, str]:
    """Return the columns of a relation with their types. Raises MappingError if it does
    not exist.
    """
    parts = [*([database] if database else []), *name.split(".")]
    relation = ".".join(name_of(part) for part in parts)
    try:
        rows = connection.execute(f"describe select * from {relation}").fetchall()
    except duckdb.Error:
        names = _relations(connection, database)
        near = nearest(name, names) or _listing("it has", names)
        raise MappingError(f"{key}: no such relation '{name}' in {where}{near}") from None
    return {column: kind for column, kind, *_ in rows}


def _relations(connection: duckdb.DuckDBPyConnection, database: str) -> list[str]:
    """Return the tables and views of a database, by their shortest names."""
    query = """
        select if(schema_name = 'main', relation, schema_name || '.' || relation) as name
        from (
            select database_name, schema_name, table_name as relation from duckdb_tables()
            union all
            select database_name, schema_name, view_name from duckdb_views() where not internal
        )
        where database_name = coalesce(nullif(?, ''), current_database())
        order by name
    """
    return [name for (name,) in connection.execute(query, [database]).fetchall()]


def _listing(title: str, names: Iterable[str]) -> str:
    shown = list(names)
    more = ", ..." if len(shown) > NAMES_SHOWN else ""
    return f"; {title}: {', '.join(shown[:NAMES_SHOWN])}{more}" if shown else ""
