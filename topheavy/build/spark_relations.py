"""Pass tables and views of Spark as Parquet to the workers that ingest files.

The Parquet files of a table are read in place. For any other relation, Spark writes the columns
that the mapping names. It also does so for timestamps, which are instants in Spark, and writes them
as text in UTC.

Usage:
    from topheavy.build.spark_relations import with_spark_relations
"""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlparse

from topheavy.mapping.errors import MappingError, nearest
from topheavy.mapping.files import InputFile, read_typed_file, typed_input
from topheavy.mapping.keys import ExportMapping


def with_spark_relations(
    session: Any, mapping: ExportMapping, files: Iterable[InputFile], folder: Path
) -> list[InputFile]:
    """Return the files, with Parquet files in place of each relation of Spark."""
    shutil.rmtree(folder, ignore_errors=True)
    found: list[InputFile] = []
    for file in files:
        if file.path != Path():
            found.append(file)
            continue
        frame = _frame(session, file)
        types = dict(frame.dtypes)
        typed_input(mapping, file.block, file.path, types, relation=file.relation)
        paths = _files_of(session, file.relation, types)
        if not paths:
            frame = frame.selectExpr(*_selection(mapping, file.block, types))
            frame.write.parquet(str((folder / file.block).absolute()))
            paths = sorted((folder / file.block).glob("*.parquet"))
        found += [read_typed_file(mapping, file.block, path) for path in paths]
    return found


def _frame(session: Any, file: InputFile) -> Any:
    if session.catalog.tableExists(file.relation):
        return session.table(file.relation)
    database = file.relation.rpartition(".")[0] or session.catalog.currentDatabase()
    names: list[str] = []
    if session.catalog.databaseExists(database):
        names = [f"{database}.{table.name}" for table in session.catalog.listTables(database)]
    near = nearest(file.relation, names) or (f"; it has: {', '.join(names)}" if names else "")
    raise MappingError(f"{file.block}.relation: no such relation '{file.relation}' in Spark{near}")


def _files_of(session: Any, relation: str, types: Mapping[str, str]) -> list[Path]:
    """Return the files of a Parquet table; none for a view, a partitioned table or one with
    timestamps.
    """
    if "timestamp" in types.values() or "timestamp_ntz" in types.values():
        return []
    rows = session.sql(f"describe table extended {relation}").collect()
    facts = {row[0]: row[1] for row in rows}
    if facts.get("Provider") != "parquet" or "# Partition Information" in facts:
        return []
    uris = [urlparse(uri) for uri in session.table(relation).inputFiles()]
    return sorted(Path(unquote(uri.path)) for uri in uris if uri.scheme == "file")


def _selection(mapping: ExportMapping, block: str, types: Mapping[str, str]) -> list[str]:
    """Return the columns that the mapping names, as Spark SQL."""
    spellings = {name for column in mapping.columns_of(block) for name in column.spellings}
    wanted = {*spellings, *(name.split(".")[0] for name in spellings)}
    return [
        f"cast({_name(column)} as timestamp_ntz) as {_name(column)}"
        if kind == "timestamp"
        else _name(column)
        for column, kind in types.items()
        if column in wanted
    ]


def _name(column: str) -> str:
    return "`" + column.replace("`", "``") + "`"
