"""Exports with one population per month, so that one build measures hundreds of them."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, timedelta
from itertools import repeat
from pathlib import Path
from typing import Any

import duckdb

# A population: each entity with the amounts of its transactions.
Population = Sequence[Sequence[Any]]
Mapping = dict[str, Any]
Row = dict[str, Any]

COLUMNS = {"customer": "customer", "product": "product", "time": "time", "amount": "amount"}


def month(number: int) -> date:
    """Return the first day of a month, counted from January 1950."""
    return date(1950 + number // 12, number % 12 + 1, 1)


def noon(number: int) -> str:
    """Return noon on the first of a month."""
    return f"{month(number)} 12:00:00"


def clock(seconds: int) -> str:
    """Return the time of day a number of seconds after midnight."""
    return f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}"


def mapping(folder: Path, **keys: Any) -> Mapping:
    """Return the mapping of an export in `folder`, with additional keys."""
    return {
        "name": "vectors",
        "folder": str(folder),
        "interactions": {"files": "interactions.csv", "columns": COLUMNS},
        **keys,
    }


def write(folder: Path, rows: Iterable[Sequence[Any]]) -> None:
    """Write rows of customer, product, time and amount."""
    with (folder / "interactions.csv").open("w", newline="") as file:
        csv.writer(file).writerows([COLUMNS, *rows])


def month_rows(populations: Sequence[Population]) -> Iterator[Sequence[str]]:
    """Yield each population's rows as customers of its own month, each at its own time."""
    for number, population in enumerate(populations):
        for entity, amounts in enumerate(population):
            for seconds, amount in enumerate(amounts):
                yield f"c{entity}", "", f"{month(number)} {clock(seconds)}", f"{amount:.16f}"


def slot_rows(number: int, counts: Sequence[int]) -> Iterator[Sequence[Any]]:
    """Yield the given number of rows in each of seven weekdays or 24 hours."""
    first = month(number)
    if len(counts) == 24:
        slots = [f"{first} {hour:02}:30:00" for hour in range(24)]
    else:
        week = [first + timedelta(days) for days in range(7)]
        slots = [f"{day} 12:00:00" for day in sorted(week, key=date.weekday)]
    for slot, count in zip(slots, counts, strict=True):
        yield from repeat(("", "", slot, 1), count)


def write_known(folder: Path, block: str, count: int) -> Mapping:
    """Write a file of all existing customers or products; return its block of the mapping."""
    role, letter = block.removesuffix("s"), block[0]
    names = (f"{letter}{entity}\n" for entity in range(count))
    (folder / f"{block}.csv").write_text("".join([f"{role}\n", *names]))
    return {"files": f"{block}.csv", "columns": {role: role}}


def months(warehouse: duckdb.DuckDBPyConnection, dimension: str, measure: str) -> list[Row]:
    """Return the indices of each month, in order."""
    found = warehouse.execute(
        "from concentration_indices where period_grain = 'month' and dimension = ? and measure = ?"
        " order by period_start",
        [dimension, measure],
    )
    names = [column[0] for column in found.description or ()]
    return [dict(zip(names, row, strict=True)) for row in found.fetchall()]
