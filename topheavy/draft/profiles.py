"""Look at export files: how they are stored, and what the values of each column look like.

Files with alike headers form one table. A bounded sample of its rows is loaded into DuckDB as
text, and each column is described by counts: how many values are numbers, and with which decimal
mark, how many fit each time format, how many are distinct. Nothing is decided here.

Usage:
    from topheavy.draft.profiles import profile_files
"""

from __future__ import annotations

import csv
import difflib
import itertools
import re
import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path

import duckdb

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
    INSTANTS,
    NO_FILE,
    column_names,
    fields_of,
    is_nested,
    read_rows,
)
from topheavy.mapping.keys import EXCEL_SERIAL
from topheavy.mapping.macro_sql import Macros
from topheavy.mapping.name_hints import name_score, normalized
from topheavy.mapping.unpacking import refuse_many_columns

SAMPLED_ROWS = 100_000
LAYOUT_ROWS = 200
# The share of rows that must have the same number of fields before a delimiter is believed.
EVEN_ROWS = 0.6
# Files whose headers share this part of their names hold rows of the same kind.
SAME_KIND = 0.5
# Headers as alike as this, of so many letters, are one with a slip.
MISSPELT = 0.85
LONG_ENOUGH = 5
TOP_VALUES = 50
FORMAT_TRIALS = 500
FIRST_YEAR, LAST_YEAR = 1950, 2100
DATE_FORMATS = (
    *("%Y-%m-%d", "%Y/%m/%d", "%Y.%m.%d", "%Y%m%d", "%d.%m.%Y", "%d.%m.%y"),
    *("%d/%m/%Y", "%m/%d/%Y", "%d-%m-%Y", "%m-%d-%Y", "%d/%m/%y", "%m/%d/%y", "%d-%m-%y"),
    *("%y-%m-%d", "%y/%m/%d"),
    *("%m-%d-%y", "%d-%b-%Y", "%d-%b-%y", "%d %b %Y", "%d %b %y", "%b %d, %Y", "%b %d %Y"),
    *("%b-%d-%Y", "%b-%d-%y", "%d. %b %Y", "%d.%b.%Y", "%d/%b/%Y", "%d de %b de %Y", "%Y-%b-%d"),
)
CLOCK_FORMATS = (
    *("%H:%M:%S", "%H:%M", "%H:%M:%S.%f", "%I:%M %p", "%I:%M:%S %p"),
    *("%Hh%M", "%H:%M Uhr"),
)
STAMP_FORMATS = (
    *DATE_FORMATS,
    *(f"{date} {clock}" for date in DATE_FORMATS for clock in CLOCK_FORMATS),
    *(f"{date}, {clock}" for date in DATE_FORMATS for clock in CLOCK_FORMATS),
    *(f"%Y-%m-%dT{clock}" for clock in CLOCK_FORMATS[:3]),
    *(f"%Y-%m-%dT{clock}Z" for clock in CLOCK_FORMATS[:3]),
    *(f"%Y-%m-%d {clock} UTC" for clock in CLOCK_FORMATS[:3]),
    *(f"%Y-%m-%d {clock} {zone}" for clock in CLOCK_FORMATS[:3] for zone in ("%z", "Z", "GMT")),
    *(f"{date} {clock} %z" for date in DATE_FORMATS[4:9] for clock in CLOCK_FORMATS[:3]),
    *("%d/%b/%Y:%H:%M:%S %z", "%Y-%m-%d %H:%M:%S .%f"),
    *(f"%Y-%m-%d{blank}{clock}%z" for blank in "T " for clock in CLOCK_FORMATS[:3]),
    *("%Y%m%d%H%M%S", "%Y%m%d%H%M"),
)
# What the parts of a time look like: a format is only tried on columns with such texts.
DIRECTIVES = {
    **dict.fromkeys(("%d", "%m", "%H", "%I", "%M", "%S"), r"\d{1,2}"),
    **{"%Y": r"\d{4}", "%y": r"\d{2}", "%b": r"[^\W\d_]{3,10}\.?"},
    **{"%f": r"\d+", "%p": "[AaPp][Mm]", "%z": r"[-+]\d{2}:?(\d{2})?"},
}
# DuckDB reads `%Y%m%d` from seven digits too, which is not meant.
COMPACT_LENGTHS = {"%Y%m%d": 8, "%Y%m%d%H%M": 12, "%Y%m%d%H%M%S": 14}
# Headers that are months, quarters or years, and how many make a table of periods.
PERIOD = re.compile(
    r"(?:(?:q[1-4]|[01]?\d|(?:j[au]n|feb|m[ae]r|mrz|apr|avr|may|mai|jul|aug|aou|sep|set|o[ck]t|nov|de[cz])"
    r"[a-z]*) ?(?:20)?\d\d|(?:19|20)\d\d(?: (?:q[1-4]|[01]?\d))?"
    r"|jan(?:uary|uar)?|feb(?:ruary|ruar)?|mar(?:ch|z)?|mrz|apr(?:il)?|ma[iy]|june?|juni|july?|juli"
    r"|aug(?:ust)?|sep(?:t|tember)?|o[ck]t(?:ober)?|nov(?:ember)?|de[cz](?:ember)?)"
)
FEWEST_PERIODS = 3
# Whether the decimal mark is a point or a comma is asked of the values.
MARKS = (".", ",")
LONGEST_NUMBER = 40
EXAMPLES = 3
NUMBERS = ("point", "comma")
# What the digits of a number say about its marks. Three digits after the only mark can be a
# fraction or thousands, so they say nothing, unless the number begins with a zero.
PATTERNS = {
    "wholes": "^[0-9]+$",
    "points": (
        r"^(?:[0-9]+\.(?:[0-9]{1,2}|[0-9]{4,})|0\.[0-9]{3}|[0-9]{4,}\.[0-9]{3}"
        r"|[0-9]{1,3}(?:[, ][0-9]{2,3})+\.[0-9]+|[0-9]{1,3}(?:,[0-9]{2,3}){2,})$"
    ),
    "commas": (
        r"^(?:[0-9]+,(?:[0-9]{1,2}|[0-9]{4,})|0,[0-9]{3}|[0-9]{4,},[0-9]{3}"
        r"|[0-9]{1,3}(?:[. ][0-9]{3})+,[0-9]+|[0-9]{1,3}(?:\.[0-9]{3}){2,})$"
    ),
    # Three digits or more that can only be decimals: then those of other numbers are, too.
    "long_points": r"^(?:[0-9, ]+\.[0-9]{4,}|(?:0|[0-9]{4,}|[0-9 ]+,[0-9]{3})\.[0-9]{3})$",
    "long_commas": r"^(?:[0-9. ]+,[0-9]{4,}|(?:0|[0-9]{4,}|[0-9 ]+\.[0-9]{3}),[0-9]{3})$",
    "either_points": r"^[1-9][0-9]{0,2}\.[0-9]{3}$",
    "either_commas": "^[1-9][0-9]{0,2},[0-9]{3}$",
}


# A question, and its answers: what each means, and the keys of the block that it sets.
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
    """What of the file only the user knows."""

    @property
    def format(self) -> Format:
        """How its rows are stored."""
        return Format(
            encoding=self.encoding,
            delimiter=self.delimiter,
            skip_lines=self.skip_lines,
            sheet=self.sheet,
            range=self.cells,
        )


@dataclass(frozen=True)
class Reading:
    """A time format with its day first and, where that is another format, its month first."""

    day_first: str
    month_first: str
    only_day_first: int
    only_month_first: int
    both: int

    @property
    def fits(self) -> int:
        return self.only_day_first + self.only_month_first + self.both


@dataclass(frozen=True, eq=False)
class Column:
    """What the sampled values of one column look like: counts of rows, blank ones left out."""

    name: str
    place: int
    filled: int
    distinct: int
    numbers_by: dict[str, int]
    """How many the build reads as numbers, by the decimal mark that the mapping names."""
    unread_by: dict[str, tuple[int, tuple[str, ...]]]
    """Likewise, how many have digits but are not a number to it, with examples."""
    negatives: int
    leading_zeros: int
    marks: dict[str, int]
    """How many numbers match each of PATTERNS."""
    clocks: dict[str, int]
    readings: tuple[Reading, ...]
    """The time formats that some rows fit, those that most fit first."""
    top_values: tuple[tuple[str, int], ...]
    is_typed_time: bool = False
    is_instant: bool = False
    """Whether it is a timestamp with time zone; its texts are in UTC."""

    @property
    def mark(self) -> str:
        """The decimal mark with which more of its values are numbers; a point if that is equal."""
        return decimal_mark([self])[0]

    @property
    def numbers(self) -> int:
        return self.numbers_by[self.mark]

    @property
    def number_share(self) -> float:
        return self.numbers / self.filled if self.filled else 0.0

    @property
    def stamp_share(self) -> float:
        most = max((reading.fits for reading in self.readings), default=0)
        most = self.filled if self.is_typed_time else most
        return most / self.filled if self.filled else 0.0

    @property
    def clock_share(self) -> float:
        return max(self.clocks.values(), default=0) / self.filled if self.filled else 0.0


@dataclass(frozen=True)
class Table:
    """The files of one kind, and the profile of their sampled rows."""

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
    """The rows of each file that were looked at; of Parquet files nothing."""


def profile_files(paths: Sequence[Path], database: duckdb.DuckDBPyConnection) -> list[Table]:
    """The tables that the files form, loaded into `database` under their keys."""
    layouts = {path: _layout(path) for path in sorted(set(paths))}
    return [
        profile_table(f"table_{number}", group, layouts, database)
        for number, group in enumerate(_groups(layouts), start=1)
    ]


# ---- how a file is stored --------------------------------------------------------------------


def _layout_of_kind(path: Path) -> Layout:
    if path.suffix == ".parquet":
        return _parquet_layout(path)
    refuse_other_kinds(path)
    return _workbook_layout(path) if is_workbook(path) else _text_layout(path)


def _layout(path: Path) -> Layout:
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
    with duckdb.connect() as database:
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
    """Where a workbook's table stands: its sheet and its header; others are asked about."""
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
    """How many cells of a row most rows of a sheet have filled."""
    widths = Counter(sum(map(bool, row)) for row in rows[:LAYOUT_ROWS] if any(row))
    return max(widths.items(), key=lambda item: (item[1], item[0]))[0]


def _side_by_side(rows: list[list[str]], number: int) -> list[str]:
    """The ranges of the tables of a sheet that empty columns part from each other."""
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
    """The line of the header and its names. It may lack the last, and titles stand above it."""
    possible = [
        (number, row)
        for number, row in enumerate(rows)
        if len(row) >= width - 1 and sum(map(bool, row)) * 2 >= width
    ]
    if not possible:
        raise MappingError("has no header line; add a line with the columns' names")
    number, header = possible[0]
    if len(header) != width and len(possible) > 1:
        # A line of notes above the header is of another length, and has more values than it.
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
    """What of a header is rather a value."""
    return [name for name in header if re.fullmatch(r"[-0-9.,:/ €$£T]+", name)]


def refuse_periods(header: Sequence[str]) -> None:
    """Raise MappingError where the months or years stand side by side, a column each."""
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
        # A quote left open under the wrong delimiter; the right one has even rows.
        return


def _even_width(rows: list[list[str]]) -> int:
    """The number of fields that most rows have, 1 if they differ too much."""
    widths = Counter(len(row) for row in rows if any(row))
    width, count = max(widths.items(), key=lambda item: (item[1], item[0]), default=(1, 0))
    return width if count >= EVEN_ROWS * widths.total() else 1


def _groups(layouts: dict[Path, Layout]) -> list[list[Path]]:
    """Files of one kind together, in the order of their first file: the headers are alike."""
    groups: list[list[Path]] = []
    for path, layout in layouts.items():
        best = max(
            groups,
            key=lambda group: max(_likeness(layout, layouts[other]) for other in group),
            default=None,
        )
        if best and max(_likeness(layout, layouts[other]) for other in best) >= SAME_KIND:
            best.append(path)
        else:
            groups.append([path])
    return groups


def _likeness(one: Layout, other: Layout) -> float:
    """The part of the columns of two files that both have, by any spelling."""
    if one.is_parquet != other.is_parquet:
        return 0.0
    return _share_of_same(
        *(tuple(sorted(map(bare, filter(None, item.header)))) for item in (one, other))
    )


@cache
def _share_of_same(ours: tuple[str, ...], theirs: tuple[str, ...]) -> float:
    left = [name for name in theirs if name not in ours]
    same = len(theirs) - len(left)
    for name in (name for name in ours if name not in theirs):
        near = next((item for item in left if is_misspelt(name, item)), None)
        if near is not None:
            left.remove(near)
            same += 1
    return same / max(len(ours) + len(theirs) - same, 1)


def bare(name: str) -> str:
    """A header without its case, blanks and marks."""
    return normalized(name).replace(" ", "") or name.casefold()


def is_misspelt(name: str, other: str) -> bool:
    """Whether two bare headers are one with slips; numbers in them are no slips."""
    digits = (re.sub("[^0-9]", "", text) for text in (name, other))
    alike = len(set(digits)) == 1 and min(len(name), len(other)) >= LONG_ENOUGH
    return alike and difflib.SequenceMatcher(None, name, other).ratio() >= MISSPELT


# ---- what the values look like ---------------------------------------------------------------


def profile_table(
    key: str,
    paths: list[Path],
    layouts: dict[Path, Layout],
    database: duckdb.DuckDBPyConnection,
) -> Table:
    aliases = _aliases([layouts[path].header for path in paths])
    layout = _common_layout(paths, layouts, aliases)
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
    _load_texts(key, range(len(layout.header)), database)
    columns = [
        _column(place, name, types.get(name, ""), database)
        for place, name in enumerate(layout.header)
        if name
    ]
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
    """The rows of a file as they come, counted under its path."""
    counts[path] = 0
    for row in rows:
        counts[path] += 1
        yield row


def _aliases(headers: Sequence[tuple[str, ...]]) -> dict[str, tuple[str, ...]]:
    """Spellings that differ in case, blanks, marks or a slip, never in one file together."""
    uses = Counter(name for header in headers for name in header if name)
    alike: dict[str, list[str]] = {}
    for name, _ in sorted(uses.items(), key=lambda item: (-item[1], item[0])):
        key = bare(name)
        together = {other for header in headers if name in header for other in header}
        near = [
            other
            for other in alike
            if key not in alike and is_misspelt(key, other) and together.isdisjoint(alike[other])
        ]
        alike.setdefault(near[0] if near else key, []).append(name)
    return {
        names[0]: tuple(names[1:])
        for names in alike.values()
        if len(names) > 1 and all(len({*names} & {*header}) < 2 for header in headers)
    }


def _common_layout(
    paths: list[Path], layouts: dict[Path, Layout], aliases: dict[str, tuple[str, ...]]
) -> Layout:
    """One layout for all files of a kind: a mapping's block has only one."""
    first = layouts[paths[0]]
    encodings = sorted({layouts[path].encoding for path in paths} - {"utf-8"})
    for path in paths:
        layout = layouts[path]
        if (layout.delimiter, layout.skip_lines) != (first.delimiter, first.skip_lines):
            raise MappingError(
                f"{path} has the columns of {paths[0].name} but another delimiter or more lines "
                "above its header; save both in one way"
            )
        if layout.sheet != first.sheet:
            raise MappingError(
                f"{path} has the columns of {paths[0].name} but in another sheet; name them alike"
            )
        # Plain ASCII is every encoding but UTF-16.
        ascii_only = layout.encoding == "utf-8" and (
            layout.is_parquet or is_workbook(path) or read_start(path).isascii()
        )
        if encodings and layout.encoding != encodings[-1] and not ascii_only:
            raise MappingError(
                f"{path} is {layout.encoding}, other files with its columns are {encodings[-1]}; "
                "save all in one encoding"
            )
    others = {spelling for spellings in aliases.values() for spelling in spellings}
    names = dict.fromkeys(name for path in paths for name in layouts[path].header)
    header = tuple(name for name in names if name not in others)
    encoding = encodings[-1] if encodings else "utf-8"
    questions = dict.fromkeys(text for path in paths for text in layouts[path].questions)
    return replace(first, header=header, encoding=encoding, questions=tuple(questions))


def _aligned(
    path: Path, layout: Layout, common: Layout, aliases: dict[str, tuple[str, ...]], limit: int
) -> Iterator[list[str]]:
    """The rows of one file that are not blank, in the columns of all files of its kind."""
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
    """Load rows as text. They pass through a file of one known layout, which is read fastest."""
    columns = ", ".join(f"'c{place}': 'varchar'" for place in range(width))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "rows.csv"
        with path.open("w", encoding="utf-8", newline="") as handle:
            csv.writer(handle, quoting=csv.QUOTE_ALL, lineterminator="\n").writerows(rows)
        database.execute(
            f"create table {key} as select * from read_csv(?, header = false, auto_detect = false, "
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
    """Load Parquet rows as text, instants in UTC wherever this runs; the types of the columns."""
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
    query = (
        f"create table {table} as select {', '.join(columns)} from {source} limit {SAMPLED_ROWS}"
    )
    database.execute(query, [files])
    return types


def identifier(name: str) -> str:
    """A name quoted for SQL."""
    return '"' + name.replace('"', '""') + '"'


def _load_texts(key: str, places: Iterable[int], database: duckdb.DuckDBPyConnection) -> None:
    """The distinct texts of all columns, as numbers by either mark.

    The texts are a table first: DuckDB would plan the long expressions once for each column."""
    point, comma = (amount_sql("text", mark) for mark in MARKS)
    likely = f"regexp_matches(text, '[0-9]') and length(text) <= {LONGEST_NUMBER}"
    texts = " union all ".join(
        f"select {place} as place, c{place} as text, count(*) as uses from {key}"
        f" where c{place} <> '' group by all"
        for place in places
    )
    database.execute(f"create or replace temp table column_texts as {texts}")
    database.execute(
        "create or replace temp table all_texts as select *,"
        f" case when {likely} then {point} end as point,"
        f" case when {likely} then {comma} end as comma,"
        f" case when {likely} then regexp_extract({Macros({}).sql('amount_shape', 'text')},"
        " '[0-9](?:[0-9., ]*[0-9])?') end as digits from column_texts"
    )


def _column(place: int, name: str, type_name: str, database: duckdb.DuckDBPyConnection) -> Column:
    """Profile one column over its distinct texts, each weighted by its uses."""
    database.execute(
        "create or replace temp table texts as select * exclude (place) from all_texts"
        f" where place = {place}"
    )
    filled, distinct, *numbers, negatives, leading_zeros = _counts(database)
    marks = _marks(database)
    top = database.execute(
        "select text, uses from texts order by uses desc, text limit ?", [TOP_VALUES]
    ).fetchall()
    return Column(
        name=name,
        place=place,
        filled=filled,
        distinct=distinct,
        numbers_by=dict(zip(MARKS, numbers, strict=True)),
        unread_by={
            mark: _unread(name, database) for mark, name in zip(MARKS, NUMBERS, strict=True)
        },
        negatives=negatives,
        leading_zeros=leading_zeros,
        marks=marks,
        clocks=_fits(CLOCK_FORMATS, database),
        readings=_readings(name, database),
        top_values=tuple((str(text), int(uses)) for text, uses in top),
        is_typed_time=type_name.startswith(("TIMESTAMP", "DATE")),
        is_instant=type_name in INSTANTS,
    )


def amount_sql(text: str, mark: str) -> str:
    """The SQL by which the build reads an amount with a decimal mark; NULL if it is none."""
    return _macros(mark).sql("parse_money", text, "interactions")


@cache
def _macros(mark: str) -> Macros:
    return Macros({"interactions": {"decimal": mark}})


def _counts(database: duckdb.DuckDBPyConnection) -> list[int]:
    """Rows with a text, distinct texts, numbers by either mark, negative ones, leading zeros."""
    counts = database.execute(
        "select sum(uses), count(*), sum(uses) filter (point is not null),"
        " sum(uses) filter (comma is not null), sum(uses) filter (coalesce(point, comma) < 0),"
        " sum(uses) filter (regexp_matches(text, '^0[0-9]+$')) from texts"
    ).fetchall()[0]
    return [int(count or 0) for count in counts]


def _marks(database: duckdb.DuckDBPyConnection) -> dict[str, int]:
    """How many numbers match each of PATTERNS."""
    matches = ", ".join(f"sum(uses) filter (regexp_matches(digits, ${mark}))" for mark in PATTERNS)
    counts = database.execute(
        f"select {matches} from texts where point is not null or comma is not null", PATTERNS
    ).fetchall()[0]
    return {mark: int(count or 0) for mark, count in zip(PATTERNS, counts, strict=True)}


def _unread(number: str, database: duckdb.DuckDBPyConnection) -> tuple[int, tuple[str, ...]]:
    """How many rows have a text with digits that is no number, and the most usual of those."""
    unread = f"from texts where {number} is null and regexp_matches(text, '[0-9]')"
    count = database.execute(f"select coalesce(sum(uses), 0) {unread}").fetchall()[0][0]
    texts = database.execute(f"select text {unread} order by uses desc, text limit {EXAMPLES}")
    return int(count), tuple(str(row[0]) for row in texts.fetchall())


def decimal_mark(columns: Iterable[Column]) -> tuple[str, str]:
    """The decimal mark of some columns of numbers, and what speaks for it."""
    marks: Counter[str] = Counter()
    for column in columns:
        marks.update(column.marks)
    if marks["commas"] > marks["points"]:
        return ",", f"{marks['commas']:,} numbers have a decimal comma, {marks['points']:,} a point"
    if marks["points"]:
        return ".", f"{marks['points']:,} numbers have a decimal point, {marks['commas']:,} a comma"
    # Fractions would now and then have one or two digits: three everywhere are thousands.
    if marks["either_points"] > marks["either_commas"]:
        return ",", f"three digits follow every point in {marks['either_points']:,} numbers"
    if marks["either_commas"]:
        return ".", f"three digits follow every comma in {marks['either_commas']:,} numbers"
    return ".", ""


def exchanged(time_format: str) -> str:
    """The same format with day and month exchanged; empty if both orders are not in use."""
    found = re.match(r"%([dm])([-/])%([dm])(.*)", time_format)
    return f"%{found[3]}{found[2]}%{found[1]}{found[4]}" if found else ""


def year_first(time_format: str) -> str:
    """The same format with a year of two digits in front; empty if that is not in use."""
    found = re.match(r"%[dm]([-/])%[dm]\1%y(.*)", time_format)
    return f"%y{found[1]}%m{found[1]}%d{found[2]}" if found else ""


def _readings(name: str, database: duckdb.DuckDBPyConnection) -> tuple[Reading, ...]:
    # Any five digits may be a day of Excel: only a column that is called a time has those.
    days = (EXCEL_SERIAL,) if name_score(name, "time") else ()
    stamps = _fits((*STAMP_FORMATS, *_zoned_formats(database), *days), database)
    readings = []
    for first in dict.fromkeys(min(name, exchanged(name) or name) for name in stamps):
        other = exchanged(first)
        both = 0
        if {first, other} <= {*stamps}:
            query = f"sum(uses) filter ({_fit(first)} and {_fit(other)})"
            both = database.execute(f"select coalesce({query}, 0) from texts").fetchall()[0][0]
        day, month = stamps.get(first, 0) - int(both), stamps.get(other, 0) - int(both)
        readings.append(Reading(first, other, day, month, int(both)))
    return tuple(sorted(readings, key=lambda reading: (-reading.fits, reading.day_first)))


def _zoned_formats(database: duckdb.DuckDBPyConnection) -> list[str]:
    """Formats with the names of zones that stand behind the stamps, such as PST and PDT."""
    words = database.execute(
        "select distinct regexp_extract(text, '[0-9M.] ([A-Z]{3,4})$', 1) from texts"
        " where regexp_matches(text, '[0-9M.] [A-Z]{3,4}$') order by 1 limit 4"
    ).fetchall()
    return [
        f"{date} {clock} {word}"
        for (word,) in words
        if word not in ("UTC", "GMT")
        for date in DATE_FORMATS
        for clock in CLOCK_FORMATS
    ]


def _fit(time_format: str) -> str:
    """The SQL condition that a text fits a time format with a year that people deal in."""
    time = time_sql("text", time_format)
    if time_format == EXCEL_SERIAL:
        return f"(year({time}) between {FIRST_YEAR} and {LAST_YEAR})"
    if "%d" not in time_format:
        return f"{time} is not null"
    length = COMPACT_LENGTHS.get(time_format)
    exact = f" and length(text) = {length}" if length else ""
    return f"(year({time}) between {FIRST_YEAR} and {LAST_YEAR}{exact})"


@cache
def time_sql(text: str, time_format: str) -> str:
    """The SQL by which the build reads a stamp of a format; NULL if it does not fit."""
    return f"({Macros({}).sql('read_time', text, time_format)})"


def _fits(formats: Iterable[str], database: duckdb.DuckDBPyConnection) -> dict[str, int]:
    """How many rows fit each of the time formats that look like one of a sample of texts."""
    # Of texts that differ in their digits only, one stands for all.
    sample = database.execute(
        "select min(text) from (select text from texts where regexp_matches(text, '[0-9]')"
        f" and length(text) < 36 order by md5(text) limit {FORMAT_TRIALS})"
        " group by regexp_replace(text, '[0-9]', '0', 'g')"
    ).fetchall()
    tried = [
        name for name in formats if any(map(_shape(name).fullmatch, (row[0] for row in sample)))
    ]
    if not tried:
        return {}
    sums = ", ".join(f"sum(uses) filter ({_fit(name)})" for name in tried)
    counts = database.execute(f"select {sums} from texts").fetchall()[0]
    return {name: int(count) for name, count in zip(tried, counts, strict=True) if count}


@cache
def _shape(time_format: str) -> re.Pattern[str]:
    if time_format == EXCEL_SERIAL:
        return re.compile(r"[1-9]\d{4}([.,]\d+)?")
    parts = re.split("(%[A-Za-z])", time_format)
    return re.compile("".join(DIRECTIVES.get(part, re.escape(part)) for part in parts))
