"""Find the time formats that the texts of a column fit, and how many rows fit each."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

import duckdb

from topheavy.mapping.keys import EXCEL_SERIAL
from topheavy.mapping.macro_sql import Macros
from topheavy.mapping.name_hints import name_score

FORMAT_TRIALS = 500
# The number of words behind the times of a column that are tried as time zones.
ZONES = 4
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
# Patterns for the parts of a time: a format is tried only on columns with matching texts.
DIRECTIVES = {
    **dict.fromkeys(("%d", "%m", "%H", "%I", "%M", "%S"), r"\d{1,2}"),
    **{"%Y": r"\d{4}", "%y": r"\d{2}", "%b": r"[^\W\d_]{3,10}\.?"},
    **{"%f": r"\d+", "%p": "[AaPp][Mm]", "%z": r"[-+]\d{2}:?(\d{2})?"},
}
# Every format begins with digits or the name of a month.
TIME_START = re.compile(r"\d|[^\W\d_]{3,10}\.?[- ]\d")
# DuckDB would also read `%Y%m%d` from seven digits, which is not what the format means.
COMPACT_LENGTHS = {"%Y%m%d": 8, "%Y%m%d%H%M": 12, "%Y%m%d%H%M%S": 14}


@dataclass(frozen=True)
class Reading:
    """A time format with its day first and, if that is a different format, with its month first."""

    day_first: str
    month_first: str
    only_day_first: int
    only_month_first: int
    both: int

    @property
    def fits(self) -> int:
        return self.only_day_first + self.only_month_first + self.both


def exchanged(time_format: str) -> str:
    """Return the same format with day and month swapped; empty if only one order is in use."""
    found = re.match(r"%([dm])([-/])%([dm])(.*)", time_format)
    return f"%{found[3]}{found[2]}%{found[1]}{found[4]}" if found else ""


def year_first(time_format: str) -> str:
    """Return the same format with a two-digit year in front; empty if that is not in use."""
    found = re.match(r"%[dm]([-/])%[dm]\1%y(.*)", time_format)
    return f"%y{found[1]}%m{found[1]}%d{found[2]}" if found else ""


def readings_of(
    place: int, fits: Mapping[str, int], database: duckdb.DuckDBPyConnection
) -> tuple[Reading, ...]:
    """Return the time formats that the texts of a column fit, the most frequent first."""
    stamps = {name: count for name, count in fits.items() if name not in CLOCK_FORMATS}
    firsts = [*dict.fromkeys(min(name, exchanged(name) or name) for name in stamps)]
    pairs = {first: other for first in firsts if {first, other := exchanged(first)} <= {*stamps}}
    conditions = (f"{_fit(first)} and {_fit(other)}" for first, other in pairs.items())
    both = dict(zip(pairs, _rows_with(conditions, place, database), strict=True))
    readings = []
    for first in firsts:
        other, shared = exchanged(first), both.get(first, 0)
        day, month = stamps.get(first, 0) - shared, stamps.get(other, 0) - shared
        readings.append(Reading(first, other, day, month, shared))
    return tuple(sorted(readings, key=lambda reading: (-reading.fits, reading.day_first)))


def zones_of_texts(database: duckdb.DuckDBPyConnection) -> dict[int, list[str]]:
    """Return the words behind the times of each column, such as PST and PDT."""
    return by_place(
        "select distinct place, regexp_extract(text, '[0-9M.] ([A-Z]{3,4})$', 1) as word"
        " from all_texts where regexp_matches(text, '[0-9M.] [A-Z]{3,4}$') order by place, word",
        database,
    )


def by_place(query: str, database: duckdb.DuckDBPyConnection) -> dict[int, list[str]]:
    """Return the texts that a query finds for each column by its position."""
    found: dict[int, list[str]] = {}
    for place, text in database.execute(query).fetchall():
        found.setdefault(place, []).append(str(text))
    return found


def _zoned_formats(words: Sequence[str]) -> list[str]:
    """Return formats with time zone names behind the time."""
    return [
        f"{date} {clock} {word}"
        for word in words[:ZONES]
        if word not in ("UTC", "GMT")
        for date in DATE_FORMATS
        for clock in CLOCK_FORMATS
    ]


def _fit(time_format: str) -> str:
    """Return the SQL condition that a text fits a time format and has a plausible year."""
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
    """Return the SQL with which the build reads a time; NULL if the text does not fit
    the format.
    """
    return f"({Macros({}).sql('read_time', text, time_format)})"


def samples_of_texts(database: duckdb.DuckDBPyConnection) -> dict[int, list[str]]:
    """Return short texts with digits of each column, without those that only have other digits."""
    return by_place(
        "select place, min(text) from (select place, text from all_texts"
        " where regexp_matches(text, '[0-9]') and length(text) < 36 qualify row_number() over"
        f" (partition by place order by md5(text)) <= {FORMAT_TRIALS})"
        " group by place, regexp_replace(text, '[0-9]', '0', 'g')",
        database,
    )


def rows_that_fit(
    place: int,
    name: str,
    sample: Sequence[str],
    zones: Sequence[str],
    database: duckdb.DuckDBPyConnection,
) -> dict[str, int]:
    """Count the rows of a column that fit each time format that resembles one of some texts."""
    # Any five digits may be a serial day of Excel, so only a column named as a time is read that
    # way.
    days = (EXCEL_SERIAL,) if name_score(name, "time") else ()
    formats = (*CLOCK_FORMATS, *STAMP_FORMATS, *_zoned_formats(zones), *days)
    likely = [text for text in sample if TIME_START.match(text)]
    tried = [name for name in formats if any(map(_shape(name).fullmatch, likely))]
    counts = _rows_with(map(_fit, tried), place, database)
    return {name: count for name, count in zip(tried, counts, strict=True) if count}


def _rows_with(
    conditions: Iterable[str], place: int, database: duckdb.DuckDBPyConnection
) -> list[int]:
    """Count the rows of a column that meet each condition."""
    sums = ", ".join(f"sum(uses) filter ({condition})" for condition in conditions)
    if not sums:
        return []
    query = f"select {sums} from all_texts where place = {place}"
    return [int(count or 0) for count in database.execute(query).fetchall()[0]]


@cache
def _shape(time_format: str) -> re.Pattern[str]:
    if time_format == EXCEL_SERIAL:
        return re.compile(r"[1-9]\d{4}([.,]\d+)?")
    parts = re.split("(%[A-Za-z])", time_format)
    return re.compile("".join(DIRECTIVES.get(part, re.escape(part)) for part in parts))
