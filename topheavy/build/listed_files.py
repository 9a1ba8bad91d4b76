"""List the files of an export for the start hook of dbt, with what must be known beforehand."""

from __future__ import annotations

import csv
import gzip
from collections import deque
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from itertools import chain
from pathlib import Path
from typing import Any

import duckdb

from topheavy.mapping.errors import MappingError
from topheavy.mapping.files import InputFile, check_files, typed_input
from topheavy.mapping.keys import ExportMapping
from topheavy.mapping.relations import described
from topheavy.mapping.sources import ListedFile, read_list
from topheavy.project import WORKSPACE

# The bytes of some 122,880 lines of text.
SMALL_EXPORT = 5_000_000


def newest_file(mapping: ExportMapping, block: str, environment: Mapping[str, str]) -> datetime:
    """Return when the newest file of a block was last modified, in UTC."""
    files = check_files(mapping, WORKSPACE, environment)
    paths = [file.path for file in files if file.block == block and file.path != Path()]
    if not paths:
        raise MappingError(
            f"{block}: has no file with a modification time; define freshness for the source "
            "of its relation"
        )
    return datetime.fromtimestamp(max(path.stat().st_mtime for path in paths), UTC)


def with_refs(mapping: Mapping[str, Any], refs: Mapping[str, str]) -> dict[str, Any]:
    """Return the mapping with the relation of each dbt model that it names."""
    return {**mapping, **{block: {**mapping[block], "relation": refs[block]} for block in refs}}


def listed(
    mapping: ExportMapping,
    environment: Mapping[str, str],
    target: duckdb.DuckDBPyConnection | None = None,
) -> list[ListedFile]:
    """Return the files of the export as `topheavy build` lists them, with what is already loaded.

    Without such a list, every file that the mapping names is new. A relation may belong to the
    target.
    """
    if path := environment.get("TOPHEAVY_FILES"):
        return read_list(Path(path))
    files = check_files(mapping, WORKSPACE, environment)
    return [
        ListedFile(
            block=file.block,
            source_file=file.source_file,
            read_file="" if file.path == Path() else str(file.path),
            byte_count=file.size,
            sha256=None,
            file_key=number,
            columns=file.columns,
            relation=in_full(file.relation, target) if file.path == Path() else file.relation,
        )
        for number, file in enumerate((of_target(mapping, f, target) for f in files), start=1)
    ]


def of_target(
    mapping: ExportMapping, file: InputFile, target: duckdb.DuckDBPyConnection | None
) -> InputFile:
    """Return a relation of the target with its columns; other relations are already described."""
    if file.header or not target:
        return file
    key = f"{file.block}.relation"
    types = described(target, key, file.relation, "the database that dbt builds in")
    return typed_input(mapping, file.block, file.path, types, relation=file.relation)


def in_full(relation: str, target: duckdb.DuckDBPyConnection | None) -> str:
    """Return a relation of the target with its database and schema, as views in another schema need
    it.
    """
    parts = relation.split(".")
    if not target or len(parts) > 2:
        return relation
    (database, schema), *_ = target.execute(
        "select current_database(), current_schema()"
    ).fetchall()
    return ".".join([database, *([schema] if len(parts) == 1 else []), *parts])


def threads_for(files: Sequence[ListedFile]) -> list[str]:
    """Return the statement that gives each query of a small export one thread.

    DuckDB divides only tables of more than 122,880 rows among its threads. Below that, waking
    further threads costs more processor time than they save. Only of uncompressed text does the
    size tell how many rows there are.
    """
    is_text = not any(
        file.relation or file.read_file.endswith((".parquet", ".gz")) for file in files
    )
    is_small = sum(file.byte_count for file in files) <= SMALL_EXPORT
    return ["set threads = 1"] if is_text and is_small else []


def leaves_a_quote_open(mapping: ExportMapping, file: ListedFile) -> bool:
    """Return whether a text file ends inside quotation marks.

    Everything after a quote that is never closed is one endless field. DuckDB 2.0.0 rejects that
    field and reports it only in the last file of a read_csv; in any other file it loses the lines
    silently. Such a file is therefore read separately.
    """
    stored = mapping.blocks[file.block].format
    quote, delimiter = stored.quote, stored.delimiter
    is_text = not (file.relation or file.read_file.endswith(".parquet"))
    if not (file.is_new and is_text and quote and delimiter != "whitespace"):
        return False
    opened = gzip.open if file.read_file.endswith(".gz") else open
    with opened(file.read_file, "rb") as text:
        count = sum(part.count(quote.encode()) for part in iter(lambda: text.read(1 << 20), b""))
    if count % 2 == 0:
        return False
    # An odd number of quotes may also be inches, which need no closing quote.
    encoding, end = stored.encoding, ["", "end of the file"]
    with opened(file.read_file, "rt", encoding=encoding, errors="replace", newline="") as text:
        lines = chain(text, [delimiter.join(end)])
        rows = csv.reader(lines, delimiter=delimiter, quotechar=quote)
        try:
            return deque(rows, maxlen=1)[0] != end
        except csv.Error:  # a field without an end
            return True
