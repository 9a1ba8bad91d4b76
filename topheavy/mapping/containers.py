"""Find out what a file really is, whatever its name, and read files that are not plain text.

Cells of Excel and OpenDocument workbooks are read as they are stored, not as they are formatted:
dates as dates and numbers as numbers. A zip archive that contains one table is read as that table.
Everything else is refused with a message that says what it is and what to do.

Usage:
    from topheavy.mapping.containers import is_workbook, open_bytes, workbook_rows
"""

from __future__ import annotations

import gzip
import re
import sqlite3
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import closing
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any, BinaryIO, cast

import duckdb

from topheavy.mapping.blocks import Format
from topheavy.mapping.errors import MappingError, nearest
from topheavy.mapping.unpacking import refuse_bomb, refuse_packed_bomb
from topheavy.mapping.workbook_cells import UnreadableWorkbookError, read_cells

OLD_WORKBOOK = b"\xd0\xcf\x11\xe0"
ZIP = b"PK\x03\x04"
START_BYTES = 4096
# Files that operating systems add to archives. No file is named "." or "..", which are links.
NO_TABLE = re.compile(r"(^|/)(__MACOSX/|\.(?!\.?/)|Thumbs\.db$)")
NAMES_SHOWN = 5
TO_CSV = "write the data as CSV or Parquet"
# The first bytes of files that are not text tables, their offset, and what the file is.
MAGIC: tuple[tuple[int, bytes, str], ...] = (
    (0, b"%PDF", "a PDF document: export the data as CSV"),
    (0, b"PAR1", "a Parquet file: name it .parquet"),
    (0, b"7z\xbc\xaf", "a 7z archive: unpack it"),
    (0, b"Rar!", "a RAR archive: unpack it"),
    (0, b"BZh", "compressed with bzip2: unpack it, or compress it with gzip"),
    (0, b"\xfd7zXZ", "compressed with xz: unpack it, or compress it with gzip"),
    (0, b"\x28\xb5\x2f\xfd", "compressed with zstd: unpack it, or compress it with gzip"),
    (257, b"ustar", "a tar archive: unpack it"),
    (0, b"ORC", f"an ORC file: {TO_CSV}"),
    (0, b"Obj\x01", f"an Avro file: {TO_CSV}"),
    (0, b"ARROW1", f"an Arrow file: {TO_CSV}"),
    (0, b"FEA1", f"a Feather file: {TO_CSV}"),
    (0, b"\x89HDF", f"an HDF5 file: {TO_CSV}"),
    (0, b"\x80\x04", f"a pickle of Python: {TO_CSV}"),
    (0, b"$FL2", f"an SPSS file: {TO_CSV}"),
    (0, b"<stata_dta>", f"a Stata file: {TO_CSV}"),
)


def refuse_other_kinds(path: Path) -> None:
    """Raise MappingError for a file that is not text, gzip, a workbook or an archive of one."""
    with path.open("rb") as handle:
        start = handle.read(START_BYTES)
    for place, mark, words in MAGIC:
        if start[place:].startswith(mark):
            raise MappingError(f"is {words}")
    if start.startswith(b"SQLite format 3\0"):
        raise MappingError(_database("SQLite", _sqlite_tables(path)))
    if start[8:12] == b"DUCK":
        raise MappingError(_database("DuckDB", _duckdb_tables(path)))
    if start.startswith(b"\x1f\x8b") != (path.suffix == ".gz"):
        compressed = "is compressed with gzip: name it .gz"
        raise MappingError(
            "is not compressed with gzip, although its name ends in .gz"
            if path.suffix == ".gz"
            else compressed
        )
    refuse_bomb(path)
    if not is_workbook(path):
        with open_bytes(path) as handle:
            _refuse_markup(handle.read(START_BYTES))


def _refuse_markup(start: bytes) -> None:
    """Refuse JSON and markup, which are text but not a table."""
    text = start.removeprefix(b"\xef\xbb\xbf").lstrip()
    if re.match(rb'\{\s*"|\[\s*[\[{]|\{\s*\}', text):
        lines = "JSON lines" if re.match(rb"\{.*\}\s*\n\s*\{", text) else "JSON"
        raise MappingError(
            f"is {lines} from line {1 + start.count(bytes([10]), 0, start.find(text[:1]))} on, not "
            "a table: write it as CSV, such as with "
            "duckdb -c \"copy (from 'FILE.json') to 'FILE.csv'\""
        )
    if re.match(rb"<(!doctype|html|table|\?xml|[a-z]+[ >])", text, re.IGNORECASE):
        kind = "an HTML page" if re.search(rb"<(html|table|!doctype)", text, re.I) else "XML"
        raise MappingError(f"is {kind} despite its name: export the data as CSV")


def _database(kind: str, tables: list[str]) -> str:
    named = f" with {', '.join(tables[:NAMES_SHOWN])}" if tables else ""
    table = tables[0] if tables else "TABLE"
    return (
        f"is a {kind} database{named}: write the table as Parquet, such as with "
        f"copy {table} to '{table}.parquet' in DuckDB"
    )


def _sqlite_tables(path: Path) -> list[str]:
    query = "select name from sqlite_master where type = 'table' order by name"
    try:
        with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as database:
            return [str(row[0]) for row in database.execute(query)]
    except sqlite3.Error:
        return []


def _duckdb_tables(path: Path) -> list[str]:
    try:
        with duckdb.connect(str(path), read_only=True) as database:
            return [str(row[0]) for row in database.execute("show tables").fetchall()]
    except duckdb.Error:
        return []


# ---- archives --------------------------------------------------------------------------------


def open_bytes(path: Path) -> BinaryIO:
    """Open a file, or the file packed in it."""
    if path.suffix == ".gz":
        return cast(BinaryIO, gzip.open(path))
    member = _member(path)
    if member:
        # A file in an archive may be larger than the memory, so it is unpacked while it is read.
        with zipfile.ZipFile(path) as archive:
            return cast(BinaryIO, archive.open(member))
    return path.open("rb")


def is_packed(path: Path) -> bool:
    """Return whether a file is a zip archive of a table, which no engine can read."""
    return bool(_member(path))


def is_workbook(path: Path) -> bool:
    """Return whether a file, or the file in its archive, is a workbook."""
    status = path.stat()
    return _is_workbook(path, status.st_mtime_ns, status.st_size)


@cache
def _is_workbook(path: Path, modified: int, size: int) -> bool:
    del modified, size  # they are part of the key of the cache only
    with path.open("rb") as handle:
        start = handle.read(4)
    if start == OLD_WORKBOOK:
        return True
    if start != ZIP:
        return False
    names = _names(path)
    member = _member(path)
    if not member:
        return _has_workbook_parts(names)
    with zipfile.ZipFile(path) as archive, archive.open(member) as packed:
        start = packed.read(4)
        if start != ZIP:
            return start == OLD_WORKBOOK
        packed.seek(0)
        refuse_packed_bomb(cast(BinaryIO, packed), archive.getinfo(member).file_size)
        with zipfile.ZipFile(cast(BinaryIO, packed)) as inside:
            return _has_workbook_parts(inside.namelist())


def _has_workbook_parts(names: list[str]) -> bool:
    return "xl/workbook.xml" in names or "xl/workbook.bin" in names or "content.xml" in names


def _names(path: Path) -> list[str]:
    try:
        with zipfile.ZipFile(path) as archive:
            return archive.namelist()
    except zipfile.BadZipFile as error:
        raise MappingError(f"is a zip archive that cannot be unpacked: {error}") from None


def _member(path: Path) -> str:
    """Return the name of the one file in a zip archive.

    The name is empty for a workbook, which is a zip archive itself, and for any other file. Raises
    MappingError for an archive of several files.
    """
    with path.open("rb") as handle:
        if handle.read(4) != ZIP:
            return ""
    names = _names(path)
    if _has_workbook_parts(names):
        return ""
    if any(name.startswith(("word/", "ppt/")) for name in names):
        raise MappingError("is a text document or a presentation: export the data as CSV")
    tables = [name for name in names if not name.endswith("/") and not NO_TABLE.search(name)]
    if len(tables) != 1:
        listed = ", ".join(tables[:NAMES_SHOWN])
        raise MappingError(
            f"is a zip archive of {len(tables)} files{f' ({listed})' if listed else ''}: unpack "
            "it, and name the files"
        )
    with zipfile.ZipFile(path) as archive:
        if archive.getinfo(tables[0]).flag_bits & 1:
            raise MappingError("is a zip archive with a password: unpack it")
    if tables[0].endswith((".parquet", ".zip", ".gz", ".duckdb", ".db", ".sqlite")):
        raise MappingError(f"is a zip archive of {tables[0]}: unpack it")
    return tables[0]


# ---- workbooks -------------------------------------------------------------------------------


def sheets_with_rows(path: Path) -> dict[str, list[list[Any]]]:
    """Return the cells of each visible sheet that has more than one row."""
    try:
        return read_cells(path, _member(path))
    except UnreadableWorkbookError as error:
        raise MappingError(str(error)) from None


def workbook_rows(path: Path, stored: Format) -> Iterator[list[str]]:
    """Yield the rows of a workbook as text, from the first row of the sheet or range.

    Several sheets follow one another; each has the columns of the first, in any order.
    """
    sheets = sheets_with_rows(path)
    chosen = _chosen(stored.sheet, sheets)
    first: list[str] = []
    for number, name in enumerate(chosen):
        rows = [
            [cell_text(cell, stored.decimal).strip() for cell in row]
            for row in in_range(sheets[name], stored.range)
        ]
        above = rows[: stored.skip_lines]
        header, below = rows[len(above)], rows[len(above) + 1 :]
        if not number:
            first = header
            yield from (*above, header, *below)
            continue
        if sorted(header) != sorted(first):
            other = next((text for text in first if text not in header), "")
            raise MappingError(
                f"has no column '{other}' in sheet '{name}' as in '{chosen[0]}'; name sheets with "
                "the same columns under sheet"
            )
        places = [header.index(text) for text in first]
        yield from ([row[place] for place in places] for row in below)


def _chosen(sheet: str | tuple[str, ...], sheets: Mapping[str, Any]) -> list[str]:
    """Return the sheets to read: those that the mapping names, or the only one with rows."""
    names = [*filter(None, [sheet])] if isinstance(sheet, str) else [*sheet]
    for name in names:
        if name not in sheets:
            near = nearest(name, sheets) or f"; it has: {', '.join(sheets)}"
            raise MappingError(f"has no sheet '{name}' with rows{near}")
    if names:
        return names
    if not sheets:
        raise MappingError("is a workbook without a sheet that has rows below a header")
    if len(sheets) > 1:
        raise MappingError(
            f"is a workbook with {len(sheets)} sheets that have rows: {', '.join(sheets)}; name "
            "one under sheet, or several with the same columns"
        )
    return list(sheets)


def in_range(rows: list[list[Any]], cells: str | None) -> list[list[Any]]:
    """Yield the rows in a range such as B3:F60, or all rows without a range."""
    if not cells:
        return rows
    (first_column, first_row), (last_column, last_row) = (
        (_column_number(part), int(re.sub("[^0-9]", "", part) or 0)) for part in cells.split(":")
    )
    return [row[first_column - 1 : last_column] for row in rows[first_row - 1 : last_row or None]]


def _column_number(cell: str) -> int:
    """Return 1 for A, 27 for AA."""
    number = 0
    for letter in re.sub("[^A-Z]", "", cell.upper()):
        number = 26 * number + ord(letter) - ord("A") + 1
    return number


def column_letters(number: int) -> str:
    """Return A for 1, AA for 27."""
    letters = ""
    while number:
        number, rest = divmod(number - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters


def cell_text(cell: Any, decimal: str = ".") -> str:
    """Return a cell as text: dates in ISO format, numbers with the mapping's decimal mark."""
    if isinstance(cell, bool):
        return str(cell).lower()
    if isinstance(cell, datetime):
        return str(cell.date() if cell.time() == time() else cell)
    if isinstance(cell, timedelta):
        return str(datetime.min + cell)[11:]
    if isinstance(cell, float | int):
        text = f"{Decimal(repr(cell)):f}"
        text = text.rstrip("0").rstrip(".") if "." in text else text
        return text.replace(".", decimal) if decimal != "either" else text
    return str(cell) if isinstance(cell, str | date | time) else ""
