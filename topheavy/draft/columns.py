"""Profile the values of a column by counting over its distinct texts."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from itertools import islice

import duckdb

from topheavy.draft.time_formats import (
    CLOCK_FORMATS,
    Reading,
    by_place,
    readings_of,
    rows_that_fit,
    samples_of_texts,
    zones_of_texts,
)
from topheavy.mapping.files import (
    INSTANTS,
)
from topheavy.mapping.macro_sql import Macros

TOP_VALUES = 50
# The values show whether the decimal mark is a point or a comma.
MARKS = (".", ",")
LONGEST_NUMBER = 40
EXAMPLES = 3
NUMBERS = ("point", "comma")
# Rows with a text, distinct texts, numbers by either mark, negative numbers, and leading zeros.
COUNTS = (
    *("sum(uses)", "count(*)"),
    *(f"sum(uses) filter ({name} is not null)" for name in NUMBERS),
    "sum(uses) filter (coalesce(point, comma) < 0)",
    "sum(uses) filter (regexp_matches(text, '^0[0-9]+$'))",
)
# What the digits of a number reveal about its marks. Three digits after the only mark can be a
# fraction or thousands, so they reveal nothing unless the number begins with a zero.
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
    # At least three digits that can only be decimals: then the digits of other numbers are
    # decimals, too.
    "long_points": r"^(?:[0-9, ]+\.[0-9]{4,}|(?:0|[0-9]{4,}|[0-9 ]+,[0-9]{3})\.[0-9]{3})$",
    "long_commas": r"^(?:[0-9. ]+,[0-9]{4,}|(?:0|[0-9]{4,}|[0-9 ]+\.[0-9]{3}),[0-9]{3})$",
    "either_points": r"^[1-9][0-9]{0,2}\.[0-9]{3}$",
    "either_commas": "^[1-9][0-9]{0,2},[0-9]{3}$",
}


@dataclass(frozen=True, eq=False)
class Column:
    """Counts over the sampled values of one column; blank values are not counted."""

    name: str
    place: int
    filled: int
    distinct: int
    numbers_by: dict[str, int]
    """How many values the build reads as numbers, by decimal mark."""
    unread_by: dict[str, tuple[int, tuple[str, ...]]]
    """How many values have digits but are not numbers, with examples, by decimal mark."""
    negatives: int
    leading_zeros: int
    marks: dict[str, int]
    """How many numbers match each of PATTERNS."""
    clocks: dict[str, int]
    readings: tuple[Reading, ...]
    """The time formats that some rows fit, the most frequent first."""
    top_values: tuple[tuple[str, int], ...]
    is_typed_time: bool = False
    is_instant: bool = False
    """Whether it is a timestamp with time zone; its texts are in UTC."""

    @property
    def mark(self) -> str:
        """Return the decimal mark with which more values are numbers; a point if both fit equally
        well.
        """
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


def load_texts(key: str, places: Iterable[int], database: duckdb.DuckDBPyConnection) -> None:
    """Create a table of the distinct texts of all columns, read as numbers with either mark.

    DuckDB would otherwise plan the long expressions once for each column.
    """
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


def profile_columns(
    names: Mapping[int, str], types: Mapping[str, str], database: duckdb.DuckDBPyConnection
) -> list[Column]:
    """Profile columns, given their names by position, over their distinct texts, each weighted by
    how often it occurs.

    Each statement reads the texts of all columns, because planning takes longer than reading them.
    """
    counts, top, samples = _counts(database), _top_values(database), samples_of_texts(database)
    unread = {mark: _unread(name, database) for mark, name in zip(MARKS, NUMBERS, strict=True)}
    zones = zones_of_texts(database)
    columns = []
    for place, name in names.items():
        counted = iter(counts[place])
        filled, distinct, *numbers, negatives, leading_zeros = islice(counted, len(COUNTS))
        marks = dict(zip(PATTERNS, islice(counted, len(PATTERNS)), strict=True))
        fits = rows_that_fit(place, name, samples.get(place, []), zones.get(place, []), database)
        type_name = types.get(name, "")
        columns.append(
            Column(
                name=name,
                place=place,
                filled=filled,
                distinct=distinct,
                numbers_by=dict(zip(MARKS, numbers, strict=True)),
                unread_by={
                    mark: (count, tuple(unread[mark].get(place, [])))
                    for mark, count in zip(MARKS, counted, strict=True)
                },
                negatives=negatives,
                leading_zeros=leading_zeros,
                marks=marks,
                clocks={text: count for text, count in fits.items() if text in CLOCK_FORMATS},
                readings=readings_of(place, fits, database),
                top_values=tuple(top.get(place, [])),
                is_typed_time=type_name.startswith(("TIMESTAMP", "DATE")),
                is_instant=type_name in INSTANTS,
            )
        )
    return columns


def amount_sql(text: str, mark: str) -> str:
    """Return the SQL with which the build reads an amount; NULL for a text that is not a number."""
    return _macros(mark).sql("parse_money", text, "interactions")


@cache
def _macros(mark: str) -> Macros:
    return Macros({"interactions": {"decimal": mark}})


def _counts(database: duckdb.DuckDBPyConnection) -> defaultdict[int, list[int]]:
    """Count the rows of each column that meet each of COUNTS, that match each of PATTERNS, and
    that have digits but are not numbers.
    """
    sums = [
        *COUNTS,
        *(f"sum(uses) filter (regexp_matches(number, ${mark}))" for mark in PATTERNS),
        *(f"sum(uses) filter ({name} is null and has_digits)" for name in NUMBERS),
    ]
    rows = database.execute(
        f"select place, {', '.join(sums)} from (select *,"
        " case when coalesce(point, comma) is not null then digits end as number,"
        " regexp_matches(text, '[0-9]') as has_digits from all_texts) group by place",
        PATTERNS,
    ).fetchall()
    found = {place: [int(count or 0) for count in counts] for place, *counts in rows}
    return defaultdict(lambda: [0] * len(sums), found)


def _top_values(database: duckdb.DuckDBPyConnection) -> dict[int, list[tuple[str, int]]]:
    """Return the most common texts of each column, with their numbers of rows."""
    rows = database.execute(
        "select place, text, uses from all_texts qualify row_number() over"
        f" (partition by place order by uses desc, text) <= {TOP_VALUES}"
        " order by place, uses desc, text"
    ).fetchall()
    found: dict[int, list[tuple[str, int]]] = {}
    for place, text, uses in rows:
        found.setdefault(place, []).append((str(text), int(uses)))
    return found


def _unread(number: str, database: duckdb.DuckDBPyConnection) -> dict[int, list[str]]:
    """Return the most common texts of each column that have digits but are not numbers."""
    return by_place(
        f"select place, text from all_texts where {number} is null"
        " and regexp_matches(text, '[0-9]') qualify row_number() over"
        f" (partition by place order by uses desc, text) <= {EXAMPLES}"
        " order by place, uses desc, text",
        database,
    )


def decimal_mark(columns: Iterable[Column]) -> tuple[str, str]:
    """Return the decimal mark of some columns of numbers, and the evidence for it."""
    marks: Counter[str] = Counter()
    for column in columns:
        marks.update(column.marks)
    if marks["commas"] > marks["points"]:
        return ",", f"{marks['commas']:,} numbers have a decimal comma, {marks['points']:,} a point"
    if marks["points"]:
        return ".", f"{marks['points']:,} numbers have a decimal point, {marks['commas']:,} a comma"
    # Fractions would sometimes have one or two digits; if all have three, they are thousands.
    if marks["either_points"] > marks["either_commas"]:
        return ",", f"three digits follow every point in {marks['either_points']:,} numbers"
    if marks["either_commas"]:
        return ".", f"three digits follow every comma in {marks['either_commas']:,} numbers"
    return ".", ""
