"""The building blocks of the page: sections of figures, each with its picture, table
and sources.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from topheavy.numbers import NO_VALUE, capitalized, number, places_of
from topheavy.report.facts import Fact

Spec = dict[str, Any]


@dataclass(frozen=True)
class Cell:
    """One cell of a table; a number names the model and column that it comes from."""

    text: str
    source: str = ""
    interval: str = ""
    mark: str = ""
    # The target of links to the row of this cell.
    anchor: str = ""
    # The kind of text, for the style of its column.
    row: Fact | None = None
    value: float | None = None
    unit: str = ""

    def styled(self, places: int) -> Cell:
        """Return the same cell with a number of decimal places."""
        ends = interval(self.row, places) if self.row else ""
        return replace(self, text=number(self.value, self.unit, places), interval=ends)


@dataclass(frozen=True)
class Table:
    """The table of a figure; its first column names the rows."""

    columns: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]

    @property
    def lines(self) -> list[list[Cell]]:
        """Return the rows; numbers of the same unit in a column have the same number of decimal
        places.
        """
        columns = [styled(column) for column in zip(*self.rows, strict=True)]
        return [list(line) for line in zip(*columns, strict=True)]

    @property
    def numeric(self) -> tuple[bool, ...]:
        """Return which columns contain numbers, and are aligned to the right."""
        return tuple(
            any(row[place].source for row in self.rows) for place in range(len(self.columns))
        )


def styled(cells: Sequence[Cell]) -> list[Cell]:
    """Return the cells of a column with the same style."""
    units = {cell.unit for cell in cells if cell.unit}
    places = {
        unit: places_of([cell.value for cell in cells if cell.unit == unit], unit) for unit in units
    }
    return [cell.styled(places[cell.unit]) if cell.unit else cell for cell in cells]


@dataclass(frozen=True)
class Key:
    """One entry of a legend: a colour name of the style sheet, and a shape or dash."""

    words: str
    colour: str
    shape: str = "square"


@dataclass(frozen=True)
class Figure:
    """A finding with its picture; without `spec` the table is the picture."""

    id: str
    title: str
    note: str
    table: Table
    spec: Spec | None = None
    height: int = 0
    legend: tuple[Key, ...] = ()
    is_wide: bool = True

    @property
    def sources(self) -> list[str]:
        """Return the columns that its numbers come from, by model."""
        found = sorted({cell.source for row in self.table.rows for cell in row if cell.source})
        columns: dict[str, list[str]] = {}
        for model, _, column in (source.partition(".") for source in found):
            columns.setdefault(model, []).append(column)
        return [f"{model}.{', '.join(filter(None, names))}" for model, names in columns.items()]

    @property
    def message(self) -> str:
        """Describe the picture for readers who cannot see it."""
        return f"Chart: {self.title}. {self.note} The table below has the numbers."


@dataclass(frozen=True)
class Section:
    """A part of the page. Without figures it is left out, and `missing` states the reason at the
    end.

    `more` contains what few readers need, folded under the heading `more_words`.
    """

    id: str
    title: str
    lead: str
    figures: Sequence[Figure] = field(default_factory=tuple)
    missing: str = ""
    more: Sequence[Figure] = field(default_factory=tuple)
    more_words: str = ""
    # Statements in one line that need no picture.
    calm: str = ""

    @property
    def all_figures(self) -> list[Figure]:
        return [*self.figures, *self.more]


def words(text: str | None) -> Cell:
    return Cell(text or NO_VALUE)


def value(row: Fact) -> Cell:
    """Return the value of a row with its interval."""
    text = number(row.value, row.unit)
    return Cell(text, row.source, interval(row), row=row, value=row.value, unit=row.unit)


def interval(row: Fact, places: int | None = None) -> str:
    """Return a 95% interval; empty if there is none or its ends look the same in the
    shown digits.
    """
    shown = places_of([row.value], row.unit) if places is None else places
    ends = [number(end, row.unit, shown) for end in (row.low, row.high)]
    text = number(row.value, row.unit, shown)
    return "" if NO_VALUE in ends or {*ends} == {text} else " to ".join(ends)


def compared(row: Fact, unit: str = "") -> Cell:
    """Return the comparison value of a row."""
    shown = unit or row.unit
    text = number(row.comparison, shown)
    return Cell(text, row.comparison_source, value=row.comparison, unit=shown)


def bar_table(name: str, rows: list[Fact], measure: str) -> Table:
    """Return the entities of a dimension by share, as the bars show them."""
    lines = [
        (words(row.words), value(row), compared(row), Cell(row.detail or NO_VALUE, row.source))
        for row in rows
    ]
    return Table((name, "Share", "Cumulative", capitalized(measure)), tuple(lines))


def limit_anchor(row: Fact) -> str:
    """Return the anchor of a limit in the table of limits."""
    return identifier("limit", row.key or row.words)


def identifier(*parts: str) -> str:
    """Return a name for a dimension with only letters, digits and dashes."""
    joined = "-".join(parts).lower()
    return "".join(letter if letter.isascii() and letter.isalnum() else "-" for letter in joined)
