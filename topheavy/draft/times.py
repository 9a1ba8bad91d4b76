"""Choose the column with the time, and the formats of its values."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

import duckdb

from topheavy.draft.columns import Column
from topheavy.draft.profiles import Table
from topheavy.draft.questions import Answer, Line, Question
from topheavy.draft.roles import (
    MOSTLY,
    NEARLY_ALL,
    QUESTION,
    RARE,
    Block,
    Pick,
    share_words,
    without_repeats,
)
from topheavy.draft.time_formats import Reading, time_sql, year_first
from topheavy.mapping.name_hints import ROLE_VETOES, name_score, sounds_like

# Values that systems write if they have no date.
PLACEHOLDERS = (
    "^(0+[./-]0+[./-]0+|0?1[./-]0?1[./-](1900|1901|0001)|(1900|1901|0001)-01-01|1899-12-3[01]"
    "|31[./-]12[./-](9999|2999)|12/31/(9999|2999)|(9999|2999)-12-31)([ T].*)?$"
)
EXAMPLES = 3
# Values in place of a date, and the reason why they cannot be read as one.
NO_DATES = {
    r"(19|20)\d\d([-/.]?(0?[1-9]|1[0-2]|q[1-4]))?|q[1-4][ /-]?(19|20)\d\d"
    r"|(0?[1-9]|1[0-2])[/.](19|20)\d\d|[^\W\d_]{3,9}\.? (19|20)\d\d": (
        "has no day: write the first of the period in the file, such as 2024-01-01"
    ),
    r"\d{1,2}[./-]\d{1,2}\.?|\d{1,2}\.? ?[^\W\d_]{3,9}\.?|[^\W\d_]{3,9}\.? ?\d{1,2}|\d{3,4}": (
        "has no year: add it to the dates in the file"
    ),
    r"1\d{9}(\.\d+)?": "has seconds since 1970: write them as dates in the file",
    r"1\d{12}": "has milliseconds since 1970: write them as dates in the file",
    "#+": "has what Excel shows of dates in a narrow column: widen it, and export again",
}

# A reading of dates is ruled out if it spans this many years and this many times more than another.
# Smaller differences occur in monthly exports whose dates are all the first of the month.
MANY_YEARS = 20
FAR_MORE_YEARS = 5


def pick_time(block: Block, database: duckdb.DuckDBPyConnection) -> None:
    """Choose the time column, its formats, and a separate column with the time of day."""
    found = sorted(
        (column for column in block.free() if column.stamp_share >= MOSTLY),
        key=lambda column: (-name_score(column.name, "time"), column.place),
    )
    if not found:
        return
    # If every row has a time, a time that only a few rows have describes something else.
    most = max(column.filled for column in found)
    found = [column for column in found if column.filled >= MOSTLY * most]
    best = name_score(found[0].name, "time")
    alike = [column for column in found if name_score(column.name, "time") == best]
    rivals = without_repeats(block.table, alike, database)
    timed = _has_hours(block.table, rivals[0], database)
    picks = [Pick(column, _stamp_evidence(column, found)) for column in rivals]
    role = "time" if timed else "date"
    if len(picks) == 1:
        block.picks[role] = picks[0]
    else:
        block.rivals[role] = picks
        block.ask(
            role,
            "which is the time of the sale? Remove the # of one line.",
            *(block.choice(role, found) for found in picks),
        )
    clock = "" if timed else _pick_clock(block)
    if not rivals[0].is_typed_time:
        block.lines += _format_lines(block.table, rivals[0], clock, database)
        block.lines += _misfit_lines(block, rivals[0], database)


def no_date(columns: Iterable[Column]) -> str:
    """Ask about the time if no column reads as a date; show what the most likely one contains."""
    asked = "no column contains dates: which one has the time, in which format?"
    named = sorted(columns, key=lambda column: -name_score(column.name, "time"))
    for column in (column for column in named if name_score(column.name, "time")):
        texts = [text for text, _ in column.top_values]
        for pattern, words in NO_DATES.items():
            found = [text for text in texts if re.fullmatch(pattern, text, re.IGNORECASE)]
            if len(found) > MOSTLY * len(texts):
                return f"{asked} '{column.name}', such as {found[0]}, {words}."
    return asked


def _pick_clock(block: Block) -> str:
    """Choose the column with the time of day and its format, if the names identify it."""
    clocks = [column for column in block.free() if column.clock_share >= MOSTLY]
    ours = [column for column in clocks if not sounds_like(column.name, ROLE_VETOES["time"])]
    ours.sort(key=lambda column: (-name_score(column.name, "time"), column.place))
    if clocks and not ours:
        names = " or ".join(f"'{column.name}'" for column in clocks)
        block.ask(
            "time_of_day",
            f"is {names} the time of the sale? Then map it as time_of_day, and add "
            f"'{_clock_format(clocks[0])[0]}' to each of time_formats.",
        )
    if not ours:
        return ""
    best = name_score(ours[0].name, "time")
    alike = [column for column in ours if name_score(column.name, "time") == best]
    if len(alike) > 1:
        names = ", or in ".join(f"'{column.name}'" for column in alike)
        block.ask("time_of_day", f"is the time of the sale in {names}?")
    elif not best:
        block.ask("time_of_day", f"is '{ours[0].name}' the time of the sale?")
    clock, count = _clock_format(ours[0])
    reason = f"{share_words(count, ours[0].filled)} of its values fit {clock}"
    block.picks["time_of_day"] = Pick(ours[0], reason)
    return f" {clock}"


def _clock_format(column: Column) -> tuple[str, int]:
    """Return the format of a column of times of day, and how many values fit it."""
    return max(column.clocks.items(), key=lambda item: (item[1], item[0]))


def _stamp_evidence(column: Column, found: Sequence[Column]) -> str:
    share = share_words(round(column.stamp_share * column.filled), column.filled)
    others = ", ".join(other.name for other in found if other is not column)
    return f"{share} of its values are times" + (f"; so are those of {others}" if others else "")


def _has_hours(table: Table, column: Column, database: duckdb.DuckDBPyConnection) -> bool:
    """Return whether any time is not midnight: `2024-01-31 00:00:00` throughout is a date."""
    if column.is_typed_time:
        midnight = f"regexp_matches(c{column.place}, '^[-0-9]+( 00:00:00[+]?.*)?$')"
    else:
        formats = [name for reading in column.readings for name in _names(reading)]
        readings = ", ".join(time_sql(f"c{column.place}", name) for name in formats)
        stamp = f"coalesce({readings})"
        midnight = f"coalesce({stamp} = date_trunc('day', {stamp}), true)"
    query = f"select 1 from {table.key} where c{column.place} <> '' and not {midnight} limit 1"
    return database.execute(query).fetchone() is not None


def _names(reading: Reading) -> list[str]:
    return [name for name in (reading.day_first, reading.month_first) if name]


def _sql_list(texts: Iterable[str]) -> str:
    return "[" + ", ".join(f"'{text}'" for text in texts) + "]"


def _format_lines(
    table: Table, column: Column, clock: str, database: duckdb.DuckDBPyConnection
) -> list[str]:
    """Return the time formats, commented out if the values fit more than one order of
    their parts.
    """
    readings = [reading for reading in column.readings if reading.fits >= RARE * column.filled]
    for pair in _year_rivals(readings):
        worse, is_clear = _less_likely(table, column, pair, database)
        if not is_clear:
            likelier = next(reading for reading in pair if reading is not worse)
            return _year_lines(table, column, (likelier, worse), clock, database)
        readings.remove(worse)
    ambiguous = [reading for reading in readings if not _order(reading)]
    if not ambiguous:
        reasons = ", ".join(_order_reason(reading, column.filled) for reading in readings)
        return [f"time_formats: {_formats(readings, clock, '')}  # {reasons}"]
    lines = []
    for reading in ambiguous:
        example = _example(table, column, reading, database)
        lines.append(
            f"{QUESTION}does '{column.name}' have the day or the month first? "
            f"{reading.both:,} values such as {example} fit both, {reading.only_day_first:,} only "
            f"day-first, {reading.only_month_first:,} only month-first. Remove the # of one line."
        )
    for order, name in (("day", ambiguous[0].day_first), ("month", ambiguous[0].month_first)):
        evidence = _span(table, column, name, database)
        lines.append(
            f"# time_formats: {_formats(readings, clock, order)}  # {order}-first: {evidence}"
        )
    return lines


def _misfit_lines(block: Block, column: Column, database: duckdb.DuckDBPyConnection) -> list[Line]:
    """Ask about values that mean "no date" and values that fit no format."""
    cell = f"c{column.place}"
    lines: list[Line] = []
    formats = [name for reading in column.readings for name in _names(reading)]
    fits = f"coalesce({', '.join(time_sql(cell, name) for name in formats)}) is not null"
    placeholder = f"regexp_matches({cell}, '{PLACEHOLDERS}')"
    for condition, words in (
        (placeholder, "stand for no date"),
        (f"{cell} <> '' and not {placeholder} and not {fits}", "fit none of the formats"),
    ):
        rows = database.execute(
            f"select {cell}, count(*) from {block.table.key} where {condition}"
            " group by all order by count(*) desc, 1"
        ).fetchall()
        count = sum(uses for _, uses in rows)
        if count > (0 if words == "stand for no date" else RARE * column.filled):
            examples = ", ".join(f"'{text}'" for text, _ in rows[:EXAMPLES])
            text = (
                f"{count:,} of {column.filled:,} values of '{column.name}' {words}, such as "
                f"{examples}: these rows have no day. Is that right?"
            )
            lines.append(Question(text, (Answer("it is"),), (block.name,)))
    return lines


def _year_rivals(readings: Sequence[Reading]) -> list[tuple[Reading, Reading]]:
    """Return readings of the same values with a two-digit year at the end and at the front."""
    return [
        (last, first)
        for last in readings
        for first in readings
        if year_first(last.day_first) == first.day_first
    ]


def _less_likely(
    table: Table,
    column: Column,
    pair: tuple[Reading, Reading],
    database: duckdb.DuckDBPyConnection,
) -> tuple[Reading, bool]:
    """Return the reading that fits fewer values or spans far more years, and whether it
    is clear.
    """
    fewer, more = sorted(pair, key=lambda reading: reading.fits)
    # A wrong value, such as 31 June, fits the other reading.
    if fewer.fits < NEARLY_ALL * more.fits:
        return fewer, True
    # Days that are read as years spread a month of sales over decades.
    years = {
        reading: min(_years(table, column, name, database) for name in _likely_names(reading))
        for reading in pair
    }
    most, least = max(years.values()), min(years.values())
    return (
        max(pair, key=lambda reading: years[reading]),
        most >= max(MANY_YEARS, least + FAR_MORE_YEARS),
    )


def _likely_names(reading: Reading) -> list[str]:
    """Return the formats of a reading in the order of day and month that the values show."""
    return {"day": [reading.day_first], "month": [reading.month_first]}.get(
        _order(reading), _names(reading)
    )


def _years(
    table: Table, column: Column, time_format: str, database: duckdb.DuckDBPyConnection
) -> int:
    """Return how many years lie between the first and the last value."""
    stamp = time_sql(f"c{column.place}", time_format)
    years = f"select max(year({stamp})) - min(year({stamp})) from {table.key}"
    return int(database.execute(years).fetchall()[0][0] or 0)


def _year_lines(
    table: Table,
    column: Column,
    likelier_first: tuple[Reading, Reading],
    clock: str,
    database: duckdb.DuckDBPyConnection,
) -> list[str]:
    """Return the time formats, each commented out, if a two-digit year may be at either end."""
    example = database.execute(
        f"select min(c{column.place}) from {table.key} where c{column.place} <> ''"
    ).fetchall()[0][0]
    lines = [
        f"{QUESTION}is '{column.name}', such as {example}, with the year first or last? "
        "Remove the # of one line."
    ]
    for reading in likelier_first:
        for name in _likely_names(reading):
            evidence = _span(table, column, name, database)
            lines.append(f"# time_formats: {_sql_list([f'{name}{clock}'])}  # {evidence}")
    return lines


def _order(reading: Reading) -> str:
    """Return whether day or month comes first; empty if the values do not show it."""
    day, month = reading.only_day_first, reading.only_month_first
    if not reading.month_first:
        return "day"
    if min(day, month) > RARE * max(day, month) or day == month:
        return ""
    return "day" if day > month else "month"


def _formats(readings: Iterable[Reading], clock: str, order: str) -> str:
    """Return the formats as a YAML list; `order` decides the ambiguous ones."""
    names = [
        reading.month_first if (_order(reading) or order) == "month" else reading.day_first
        for reading in readings
    ]
    return _sql_list(f"{name}{clock}" for name in names)


def _order_reason(reading: Reading, filled: int) -> str:
    """Describe how many values fit the chosen order, and how many also fit the other."""
    count = reading.both + max(reading.only_day_first, reading.only_month_first)
    fit = f"{count:,} of {filled:,} values fit"
    if not reading.month_first:
        return fit
    other = reading.month_first if _order(reading) == "day" else reading.day_first
    return f"{fit}; {reading.both:,} fit {other} too"


def _example(
    table: Table, column: Column, reading: Reading, database: duckdb.DuckDBPyConnection
) -> str:
    text, day, month = f"c{column.place}", reading.day_first, reading.month_first
    found = database.execute(
        f"select min({text}) from {table.key} where {time_sql(text, day)}"
        f" <> {time_sql(text, month)}"
    ).fetchall()
    return str(found[0][0])


def _span(
    table: Table, column: Column, time_format: str, database: duckdb.DuckDBPyConnection
) -> str:
    """Describe one reading of the dates: their span, and how many rows are in ascending order."""
    first, last, in_order = database.execute(
        "select min(day), max(day),"
        " coalesce(avg(case when day >= before then 1 when day < before then 0 end), 1) from ("
        f"select day, lag(day) over (order by place) as before from (select rowid as place,"
        f" cast({time_sql(f'c{column.place}', time_format)} as date) as day from {table.key})"
        " where day is not null)"
    ).fetchall()[0]
    return f"from {first} to {last}, {100 * in_order:.0f}% of rows in order"
