"""Detect how a file is stored: its encoding, delimiter, sheet and header."""

from __future__ import annotations

import itertools
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb

from topheavy.in_memory import in_memory
from topheavy.mapping.blocks import Format
from topheavy.mapping.containers import (
    cell_text,
    column_letters,
    is_workbook,
    refuse_other_kinds,
    sheets_with_rows,
)
from topheavy.mapping.encodings import encoding_of, read_start
from topheavy.mapping.errors import MappingError, nearest
from topheavy.mapping.files import (
    DELIMITERS,
    NO_FILE,
    column_names,
    fields_of,
    is_nested,
    read_rows,
)
from topheavy.mapping.name_hints import name_score, normalized
from topheavy.mapping.unpacking import refuse_many_columns

LAYOUT_ROWS = 200
# The share of rows that must have the same number of fields for a delimiter to be accepted.
EVEN_ROWS = 0.6
# Headers that are months, quarters or years, and how many of them make a table of periods.
PERIOD = re.compile(
    r"(?:(?:q[1-4]|[01]?\d|(?:j[au]n|feb|m[ae]r|mrz|apr|avr|may|mai|jul|aug|aou|sep|set|o[ck]t|nov|de[cz])"
    r"[a-z]*) ?(?:20)?\d\d|(?:19|20)\d\d(?: (?:q[1-4]|[01]?\d))?"
    r"|jan(?:uary|uar)?|feb(?:ruary|ruar)?|mar(?:ch|z)?|mrz|apr(?:il)?|ma[iy]|june?|juni|july?|juli"
    r"|aug(?:ust)?|sep(?:t|tember)?|o[ck]t(?:ober)?|nov(?:ember)?|de[cz](?:ember)?)"
)
FEWEST_PERIODS = 3
# A question with its answers; each answer has a text and the keys of the block that it sets.
FileAnswer = tuple[str, tuple[tuple[str, str], ...]]
FileQuestion = tuple[str, tuple[FileAnswer, ...]]


@dataclass(frozen=True)
class Layout:
    """How a text file is stored; the defaults are those of a mapping."""

    header: tuple[str, ...]
    encoding: str = "utf-8"
    delimiter: str = ","
    skip_lines: int = 0
    is_parquet: bool = False
    sheet: str | tuple[str, ...] = ""
    cells: str = ""
    """The range of a sheet."""
    questions: tuple[FileQuestion, ...] = ()
    """Questions about the file that only the user can answer."""

    @property
    def format(self) -> Format:
        """Return the format of its rows."""
        return Format(
            encoding=self.encoding,
            delimiter=self.delimiter,
            skip_lines=self.skip_lines,
            sheet=self.sheet,
            range=self.cells,
        )


def _layout_of_kind(path: Path) -> Layout:
    if path.suffix == ".parquet":
        return _parquet_layout(path)
    refuse_other_kinds(path)
    return _workbook_layout(path) if is_workbook(path) else _text_layout(path)


def read_layout(path: Path) -> Layout:
    if path.exists() and not path.is_file():
        raise MappingError(f"{path} {NO_FILE}")
    if not path.is_file():
        near = nearest(path.name, (item.name for item in path.parent.glob("*")))
        raise MappingError(f"{path}: no such file{near or '; check its path'}")
    if not path.stat().st_size:
        raise MappingError(f"{path} is empty (0 bytes)")
    try:
        layout = _layout_of_kind(path)
        refuse_many_columns(layout.header)
        return layout
    except MappingError as error:
        raise MappingError(f"{path} {error}") from None
    except (OSError, EOFError) as error:
        raise MappingError(f"{path} cannot be read: {error}") from None


def _parquet_layout(path: Path) -> Layout:
    with in_memory() as database:
        try:
            rows = database.execute("describe from read_parquet(?)", [str(path)]).fetchall()
        except duckdb.Error:
            raise MappingError("is not a Parquet file; name it .csv if it is text") from None
    nested = [f"'{row[0]}' ({row[1].split('(')[0].lower()})" for row in rows if is_nested(row[1])]
    text = (
        f"{path.name} has nested columns, {', '.join(nested)}: lists are left out, and a field of "
        "a struct is COLUMN.FIELD. Is that enough? Else write the file flat."
    )
    asked: tuple[FileQuestion, ...] = ((text, (("it is", ()),)),)
    header = tuple(name for row in rows for name in fields_of(row[0], row[1]))
    return Layout(header, is_parquet=True, questions=asked if nested else ())


def _text_layout(path: Path) -> Layout:
    encoding = encoding_of(read_start(path))
    rows = {
        delimiter: list(itertools.islice(_rows(path, encoding, delimiter), LAYOUT_ROWS))
        for delimiter in DELIMITERS
    }
    width, delimiter = max(
        ((_even_width(rows[delimiter]), delimiter) for delimiter in DELIMITERS[:-1]),
        key=lambda found: found[0],
    )
    if width < 2 and _even_width(rows["whitespace"]) > 1:
        width, delimiter = _even_width(rows["whitespace"]), "whitespace"
    number, header = _header_line(rows[delimiter], width)
    return Layout(header, encoding, delimiter, skip_lines=number)


def _workbook_layout(path: Path) -> Layout:
    """Find the sheet and the header of a workbook's table; ask if there are several candidates."""
    sheets = {
        name: [[cell_text(cell).strip() for cell in row] for row in rows]
        for name, rows in sheets_with_rows(path).items()
    }
    if not sheets:
        raise MappingError("is a workbook without a sheet that has rows below a header")
    headers = {name: _header_line(rows, _filled_width(rows)) for name, rows in sheets.items()}
    main = max(sheets, key=lambda name: len(sheets[name]))
    number, header = headers[main]
    alike = [name for name in sheets if sorted(headers[name][1]) == sorted(header)]
    asked: list[FileQuestion] = []
    if len(sheets) > 1:
        counts = ", ".join(f"{name} ({len(rows) - 1:,} rows)" for name, rows in sheets.items())
        reads = " and ".join(alike) if len(alike) > 1 else main
        text = (
            f"{path.name} is a workbook with {len(sheets)} sheets that have rows: {counts}. This "
            f"draft reads {reads}: which one is it?"
        )
        others = tuple((name, (("sheet", name),)) for name in sheets if [name] != alike)
        asked.append((text, ((f"{reads}, as drafted", ()), *others)))
    parts = _side_by_side(sheets[main], number)
    if len(parts) > 1:
        text = (
            f"sheet {main} of {path.name} has {len(parts)} tables side by side, in "
            f"{' and '.join(parts)}: which one has the sales?"
        )
        asked.append((text, tuple((part, (("range", part),)) for part in parts)))
    sheet = "" if len(sheets) == 1 else tuple(alike) if len(alike) > 1 else main
    return Layout(header, skip_lines=number, sheet=sheet, questions=tuple(asked))


def _filled_width(rows: list[list[str]]) -> int:
    """Return how many cells are filled in most rows of a sheet."""
    widths = Counter(sum(map(bool, row)) for row in rows[:LAYOUT_ROWS] if any(row))
    return max(widths.items(), key=lambda item: (item[1], item[0]))[0]


def _side_by_side(rows: list[list[str]], number: int) -> list[str]:
    """Return the ranges of tables that stand side by side, separated by empty columns."""
    columns = [any(column) for column in zip(*rows[number:], strict=True)]
    parts, first = [], 0
    for filled, group in itertools.groupby(columns):
        last = first + len(list(group))
        if filled and last - first > 1:
            start, end = column_letters(first + 1), column_letters(last)
            parts.append(f"{start}{number + 1}:{end}{len(rows)}")
        first = last
    return parts


def _header_line(rows: Sequence[list[str]], width: int) -> tuple[int, tuple[str, ...]]:
    """Return the header's line and names.

    Titles may precede it, and its last column may lack a name.
    """
    possible = [
        (number, row)
        for number, row in enumerate(rows)
        if len(row) >= width - 1 and sum(map(bool, row)) * 2 >= width
    ]
    if not possible:
        raise MappingError("has no header line; add a line with the columns' names")
    number, header = possible[0]
    if len(header) != width and len(possible) > 1:
        # A line of notes above the header has a different length and more values than the header.
        following, below = possible[1]
        if len(below) == width and len(_values(below)) < len(_values(header)):
            number, header = following, below
    refuse_periods(header)
    values = _values(header)
    if len(values) * 2 >= len(header):
        raise MappingError(
            f"seems to have no header line: line {number + 1} has values, such as {values[0]}; "
            "add a line with the columns' names"
        )
    return number, tuple(column_names(header))


def _values(header: Sequence[str]) -> list[str]:
    """Return the entries of a header that look like values rather than names."""
    return [name for name in header if re.fullmatch(r"[-0-9.,:/ €$£T]+", name)]


def refuse_periods(header: Sequence[str]) -> None:
    """Raise MappingError if months or years stand side by side, one per column."""
    periods = [name for name in header if PERIOD.fullmatch(normalized(name))]
    others = (name for name in header if name not in periods)
    has_time = any(name_score(name, "time") for name in others)
    if len(periods) >= FEWEST_PERIODS and not has_time:
        raise MappingError(
            f"has a column for each of {len(periods)} periods, {periods[0]} to {periods[-1]}: it "
            "must have a row for each sale, or for each customer and period, with the date in one "
            "column, such as by unpivot in DuckDB or Power Query"
        )


def _rows(path: Path, encoding: str, delimiter: str) -> Iterator[list[str]]:
    try:
        yield from read_rows(path, Format(delimiter, encoding=encoding))
    except MappingError:
        # A wrong delimiter leaves a quote open; the right one gives rows of equal length.
        return


def _even_width(rows: list[list[str]]) -> int:
    """Return the number of fields that most rows have, or 1 if they differ too much."""
    widths = Counter(len(row) for row in rows if any(row))
    width, count = max(widths.items(), key=lambda item: (item[1], item[0]), default=(1, 0))
    return width if count >= EVEN_ROWS * widths.total() else 1
