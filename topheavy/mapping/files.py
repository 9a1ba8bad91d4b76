"""Check the files that a mapping names, and read their first rows.

Each file is opened, partly decoded and split as the warehouse will do it, so that a workbook, a
wrong encoding, a wrong delimiter or a misspelt column is reported in one line with its remedy.
Files may have any size: nothing here reads a whole file.

Usage:
    from topheavy.mapping.files import check_files
"""

from __future__ import annotations

import csv
import glob
import io
import itertools
import os
import re
import zipfile
import zlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TextIO

import duckdb

from topheavy.in_memory import in_memory
from topheavy.mapping.blocks import Format
from topheavy.mapping.containers import is_workbook, open_bytes, refuse_other_kinds, workbook_rows
from topheavy.mapping.encodings import PYTHON_ENCODINGS, check_encoding
from topheavy.mapping.errors import MappingError, nearest, shown
from topheavy.mapping.keys import Column, ExportMapping
from topheavy.mapping.relations import check_relation
from topheavy.mapping.unpacking import refuse_many_columns
from topheavy.project import in_workspace, option

DELIMITERS = (",", ";", "\t", "|", "whitespace")
HEADER_SEARCH_ROWS = 50
# The longest line that DuckDB reads.
LINE_BYTES = 2_000_000
# The number of rows that show whether all rows end in a delimiter that the header lacks.
FIRST_ROWS = 100
NAMES_SHOWN = 20
# The types of timestamps that are instants, not local times.
INSTANTS = ("TIMESTAMP WITH TIME ZONE", "TIMESTAMPTZ_NS")
# The message about a pipe, a socket or a device.
NO_FILE = "is a pipe or a device, not a file: write its output to a file"
# The similarity with which a header is taken for a missing column.
MISSPELT = 0.85


@dataclass(frozen=True)
class InputFile:
    """A file of the export that passed every check."""

    block: str
    path: Path
    size: int
    modified: int
    """Its modification time in nanoseconds, before any of it was read."""
    header: tuple[str, ...]
    """The column names, without blanks around them: which aliases a file uses shows here.

    A last one is empty if nothing but a delimiter follows it in the rows."""
    has_rows: bool = True
    """Whether any rows follow the header; the file of a day without sales may have none."""
    instants: tuple[str, ...] = ()
    """The columns of a Parquet file that are timestamps with time zone."""
    types: tuple[tuple[str, str], ...] = ()
    """The columns of a Parquet file or a relation with their types."""
    relation: str = ""
    """The table or view that is read; `path` is the DuckDB file that contains it."""

    @property
    def source_file(self) -> str:
        """Return the name of the file in the tables."""
        if self.path == Path():
            return self.relation
        return f"{in_workspace(self.path)}{self.relation and ':'}{self.relation}"

    @property
    def columns(self) -> tuple[tuple[str, str], ...]:
        """Return the columns, with their types if the file has types."""
        return self.types or tuple((name, "") for name in self.header)


def data_folder(mapping: ExportMapping, root: Path, env: Mapping[str, str]) -> Path:
    """Return the folder of the export's files."""
    return root / (env.get("TOPHEAVY_DATA") or mapping.folder)


def check_files(mapping: ExportMapping, root: Path, env: Mapping[str, str]) -> list[InputFile]:
    """Return the files that the mapping names, each present, readable and with the
    mapped columns.
    """
    folder = data_folder(mapping, root, env)
    if not folder.is_dir():
        raise MappingError(
            f"{folder}: no such folder; set folder in the mapping, or name another: "
            f"{option('data', 'folder')}"
        )
    checked: list[InputFile] = []
    for block, keys in mapping.blocks.items():
        if keys.file_names:
            paths = _find_files(keys.file_names, block, folder)
        else:
            checked.append(_check_relation(mapping, block, folder))
            continue
        if len({path.suffix == ".parquet" for path in paths}) > 1:
            raise MappingError(f"{block}.files: has Parquet and text files; keep one of them")
        files = [_check_file(mapping, block, path, folder) for path in paths]
        if len({is_workbook(path) for path in paths}) > 1:
            raise MappingError(f"{block}.files: has workbooks and text files; keep one of them")
        if not any(file.has_rows for file in files):
            raise MappingError(f"{_short(files[0].path, folder)} has a header but no rows")
        _check_some_file_has(mapping, block, files)
        checked += files
    return checked


def _check_relation(mapping: ExportMapping, block: str, folder: Path) -> InputFile:
    """Check a relation of a DuckDB file; those of other databases can only be checked on a
    connection.
    """
    keys = mapping.blocks[block]
    name = keys.relation or ""
    if not keys.database:
        return InputFile(block, Path(), 0, 0, (), relation=name)
    types = check_relation(name, keys.database, block, folder)
    path = folder / keys.database
    status = path.stat()
    return typed_input(mapping, block, path, types, status.st_size, status.st_mtime_ns, name)


def read_typed_file(mapping: ExportMapping, block: str, path: Path) -> InputFile:
    """Return a Parquet file, checked like the files that the mapping names."""
    return _check_file(mapping, block, path, path.parent)


def typed_input(
    mapping: ExportMapping,
    block: str,
    path: Path,
    types: dict[str, str],
    size: int = 0,
    modified: int = 0,
    relation: str = "",
) -> InputFile:
    """Return a relation with its columns. Raises MappingError if a mapped column is missing."""
    try:
        _refuse_nested(mapping, block, types)
        header = tuple(name for text in types for name in fields_of(text, types[text]))
        _check_columns(mapping, block, header)
        for column in mapping.columns_of(block):
            if set(header).isdisjoint(column.spellings):
                raise MappingError(_no_column(column, header))
    except MappingError as error:
        raise MappingError(f"{relation or path} {error}") from None
    instants = tuple(name for name in types if types[name].upper() in INSTANTS)
    typed = tuple(types.items())
    return InputFile(block, path, size, modified, header, True, instants, typed, relation)


def _find_files(patterns: Iterable[str], block: str, folder: Path) -> list[Path]:
    """Return the files of one block in order; a file that matches two patterns is returned once."""
    found: dict[str, Path] = {}
    for pattern in patterns:
        path = folder / pattern
        names = [pattern] if path.exists() else glob.glob(pattern, root_dir=folder, recursive=True)
        if not names:
            parent = path.parent if path.parent.is_dir() else folder
            others = sorted(item.name for item in parent.iterdir() if item.is_file())
            near = nearest(path.name, others) or _listing("the folder has", others)
            raise MappingError(f"{pattern}: no such file in {parent} ({block}.files){near}")
        for name in names:
            if not _is_utf8(name):
                raise MappingError(
                    f"{name!a}: not a name in UTF-8 ({block}.files); rename the file"
                )
            found.setdefault(os.path.abspath(folder / name), folder / name)
    return sorted(found.values())


def _is_utf8(name: str) -> bool:
    try:
        name.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True


def _listing(title: str, names: list[str]) -> str:
    more = ", ..." if len(names) > NAMES_SHOWN else ""
    return f"; {title}: {', '.join(names[:NAMES_SHOWN])}{more}" if names else ""


def _short(path: Path, folder: Path) -> Path:
    """Return a file's path as the mapping writes it."""
    return path.relative_to(folder) if path.is_relative_to(folder) else path


def _check_file(mapping: ExportMapping, block: str, path: Path, folder: Path) -> InputFile:
    name = _short(path, folder)
    try:
        if path.is_dir():
            raise MappingError("is a folder; name the files in it, such as folder/*.csv")
        if not path.exists():
            raise MappingError("is a broken link: make it point to a file")
        if not path.is_file():
            raise MappingError(NO_FILE)
        status = path.stat()
        if not status.st_size:
            raise MappingError("is empty (0 bytes)")
        if path.suffix == ".parquet":
            types, has_rows = _check_parquet(path)
            _refuse_nested(mapping, block, types)
            header = tuple(name for text in types for name in fields_of(text, types[text]))
            instants = tuple(name for name in types if types[name] in INSTANTS)
        else:
            refuse_other_kinds(path)
            header, has_rows = _check_text(mapping, block, path)
            instants, types = (), {}
        refuse_many_columns(header)
        _check_columns(mapping, block, header)
    except MappingError as error:
        raise MappingError(f"{name} {error}") from None
    except (OSError, EOFError, zlib.error, zipfile.BadZipFile) as error:
        raise MappingError(f"{name} cannot be read: {error}") from None
    modified, typed = status.st_mtime_ns, tuple(types.items())
    return InputFile(block, path, status.st_size, modified, header, has_rows, instants, typed)


def _check_parquet(path: Path) -> tuple[dict[str, str], bool]:
    """Return the types of a Parquet file's columns by name, and whether it has rows."""
    with in_memory() as database:
        try:
            rows = database.execute(
                "describe select * from read_parquet(?)", [str(path)]
            ).fetchall()
            first = database.execute(
                "select 1 from read_parquet(?) limit 1", [str(path)]
            ).fetchone()
        except duckdb.Error:
            raise MappingError("is not a Parquet file; name it .csv if it is text") from None
    return {row[0]: row[1] for row in rows}, bool(first)


def _refuse_nested(mapping: ExportMapping, block: str, types: Mapping[str, str]) -> None:
    """Refuse a column with fields, which has no single value; its fields can be mapped."""
    for column in mapping.columns_of(block):
        for name in column.spellings:
            if is_nested(types.get(name, "")):
                fields = list(fields_of(name, types[name]))
                hint = (
                    f"name one of its fields, such as '{fields[-1]}'" if fields else "write it flat"
                )
                kind = types[name].split("(")[0].lower() if fields else "list or map"
                raise MappingError(f"has '{name}' as a nested {kind} ({column.key}); {hint}")


def is_nested(type_name: str) -> bool:
    """Return whether the values of a Parquet column have parts."""
    return type_name.startswith(("STRUCT(", "MAP(")) or type_name.endswith("]")


def fields_of(name: str, type_name: str) -> dict[str, str]:
    """Yield a Parquet column and its SQL; for a struct, its fields as COLUMN.FIELD; for a list,
    nothing.
    """
    quoted_name = '"' + name.replace('"', '""') + '"'
    if not is_nested(type_name):
        return {name: quoted_name}
    if not type_name.startswith("STRUCT(") or type_name.endswith("]"):
        return {}
    with in_memory() as database:
        rows = database.execute(f"describe select unnest(null::{type_name})").fetchall()
    found = {}
    for field, kind, *_ in rows:
        for inner, place in fields_of(field, kind).items():
            found[f"{name}.{inner}"] = f"{quoted_name}.{place}"
    return found


def _check_text(mapping: ExportMapping, block: str, path: Path) -> tuple[tuple[str, ...], bool]:
    """Return the header of a delimited text that decodes, and whether it has rows of data."""
    stored = mapping.blocks[block].format
    if not is_workbook(path):
        check_encoding(path, block, stored.encoding)
    rows = read_rows(path, stored)
    header = column_names(next(rows, []))
    wanted = {name for column in mapping.columns_of(block) for name in column.spellings}
    if wanted.isdisjoint(header):
        _check_header_line(block, path, stored, wanted)
        _check_delimiter(block, path, stored, header)
    if not any(header):
        raise MappingError(
            f"has no header: line {stored.skip_lines + 1} is blank; set {block}.skip_lines "
            "to the lines above the header, or add a header"
        )
    first = [row for row in itertools.islice(rows, FIRST_ROWS) if any(row)]
    # A delimiter after the last value of every row adds a column that the header lacks.
    if first and all(len(row) == len(header) + 1 and not row[-1] for row in first):
        header.append("")
    return tuple(header), bool(first) or any(any(row) for row in rows)


def read_rows(path: Path, stored: Format) -> Iterator[list[str]]:
    """Yield the rows of a delimited text from the header on, without blanks around the values."""
    if is_workbook(path):
        yield from itertools.islice(workbook_rows(path, stored), stored.skip_lines, None)
        return
    encoding = PYTHON_ENCODINGS[stored.encoding]
    # Wrong bytes beyond the checked part make the build reject their line.
    with (
        open_bytes(path) as raw,
        io.TextIOWrapper(raw, encoding, errors="replace", newline="") as text,
    ):
        lines = itertools.islice(_lines_of(text), stored.skip_lines, None)
        if stored.delimiter == "whitespace":
            yield from (line.split() for line in lines)
            return
        csv.field_size_limit(LINE_BYTES)
        reader = csv.reader(
            lines,
            delimiter=stored.delimiter,
            quotechar=stored.quote or None,
            quoting=csv.QUOTE_MINIMAL if stored.quote else csv.QUOTE_NONE,
        )
        try:
            yield from ([value.strip() for value in row] for row in reader)
        except csv.Error as error:
            raise MappingError(
                f"cannot be split in line {reader.line_num}: {error}; set quote"
            ) from None


def _lines_of(text: TextIO) -> Iterator[str]:
    """Yield the lines of a text, up to the length that the warehouse reads."""
    number = 0
    while line := text.readline(LINE_BYTES + 1):
        number += 1
        if len(line) > LINE_BYTES:
            raise MappingError(
                f"has more than {LINE_BYTES:,} characters in line {number:,}: it is not a table of "
                "text, or its lines do not end in CR or LF"
            )
        yield line


def _check_header_line(block: str, path: Path, stored: Format, wanted: set[str]) -> None:
    """Report title lines above the header, the usual reason for finding no mapped column."""
    rows = read_rows(path, replace(stored, skip_lines=0))
    for number, row in enumerate(itertools.islice(rows, HEADER_SEARCH_ROWS)):
        if not wanted.isdisjoint(row):
            raise MappingError(
                f"has its header in line {number + 1}; set {block}.skip_lines: {number}"
            )


def _check_delimiter(block: str, path: Path, stored: Format, header: list[str]) -> None:
    """Report a header that was not split, which means that the delimiter is wrong."""
    if len(header) != 1:
        return
    splits = {
        delimiter: len(next(read_rows(path, replace(stored, delimiter=delimiter))))
        for delimiter in DELIMITERS
    }
    best = max(splits, key=lambda delimiter: splits[delimiter])
    if splits[best] > 1:
        raise MappingError(
            f"has one column with delimiter {shown(stored.delimiter)}, but {splits[best]} with "
            f"{shown(best)}; set {block}.delimiter"
        )


def _check_columns(mapping: ExportMapping, block: str, header: tuple[str, ...]) -> None:
    """Check that every required column of the block is present exactly once."""
    mapped: dict[str, str] = {}
    for column in mapping.columns_of(block):
        present = [name for name in column.spellings if name in header]
        for name in column.spellings:
            count = sum(bool(re.fullmatch(f"{re.escape(name)}#[0-9]+", text)) for text in header)
            if count > 1:
                raise MappingError(
                    f"has {count} columns named '{name}' ({column.key}); say which, such as "
                    f"'{name}#1' for the first"
                )
        for name in present:
            other = mapped.setdefault(name.casefold(), name)
            if other != name:
                raise MappingError(
                    f"has columns '{other}' and '{name}' ({column.key}), which SQL does not "
                    "distinguish; rename one"
                )
        misspelt = nearest(column.header, header, cutoff=MISSPELT)
        if not present and (column.needed or misspelt):
            raise MappingError(_no_column(column, header))


def _check_some_file_has(mapping: ExportMapping, block: str, files: list[InputFile]) -> None:
    """Report a column that every file of a block lacks; some of several files may lack it."""
    names = {name for file in files for name in file.header}
    for column in mapping.columns_of(block):
        if names.isdisjoint(column.spellings):
            raise MappingError(f"{files[0].path.name} {_no_column(column, files[0].header)}")


def _no_column(column: Column, header: Iterable[str]) -> str:
    names = [name for name in header if name]
    near = nearest(column.header, names)
    return f"has no column '{column.header}' ({column.key}){_listing('it has', names)}{near}"


def column_names(header: Iterable[str]) -> list[str]:
    """Return the names in a header; the n-th column of a repeated name is NAME#n."""
    names = list(header)
    return [
        f"{name}#{names[: place + 1].count(name)}" if name and names.count(name) > 1 else name
        for place, name in enumerate(names)
    ]
