"""Read the numbers of the report from the warehouse.

Every number on the page is one row of `report_facts`: what it is, what it is compared with, and the
model and column that it comes from. The report adds words and pictures but no numbers of its own.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import duckdb

from topheavy.numbers import capitalized, plural
from topheavy.report.twins import twins_among
from topheavy.visible import readable

# The column that a section's comparison_value comes from, in the model of the row.
COMPARISON_COLUMNS = {
    "limits": "breach_at",
    "concentration": "hhi_expected_if_even",
    "lorenz": "entity_share",
    "bars": "cumulative_share",
    "heat_map": "independence_ratio",
    "trend": "hhi",
    "value_changes": "compared_value",
    "stress": "share_lost",
    "reverse_stress": "target",
    "compound": "independent_share",
    "quality": "row_share",
    "attention": "interactions_share",
}
# Rows of these sections have a meaning without a value, such as the reason for its absence.
SPEAK_WITHOUT_VALUE = ("labels", "overview", "headline", "limits", "concentration")
# Dimensions whose entities have a natural order.
CALENDAR = ("Hour", "Weekday", "Month", "Year", "Date")
# The state of the bar that stands for all entities without a bar.
REST = "rest"


@dataclass(frozen=True)
class Fact:
    """One row of report_facts, with its columns in order."""

    section: str
    series: str
    position: int
    label: str | None
    value: float | None
    unit: str
    low: float | None
    high: float | None
    comparison: float | None
    state: str | None
    detail: str | None
    model: str
    column: str | None
    key: str | None

    def visible(self) -> Fact:
        """Return the same row with texts that are safe to display."""
        texts = ("section", "series", "label", "unit", "state", "detail", "model", "column", "key")
        changed: dict[str, Any] = {
            name: readable(getattr(self, name)) for name in texts if getattr(self, name)
        }
        return replace(self, **changed)

    @property
    def words(self) -> str:
        """Return the label, or an empty text."""
        return self.label or ""

    @property
    def source(self) -> str:
        """Return the model and column of the value."""
        return f"{self.model}.{self.column}" if self.column else self.model

    @property
    def comparison_source(self) -> str:
        """Return the model and column of the comparison value."""
        column = COMPARISON_COLUMNS.get(self.section)
        return f"{self.model}.{column}" if column else self.source


@dataclass(frozen=True)
class Facts:
    """The rows of an export that have content, in the order of their key."""

    rows: tuple[Fact, ...]

    @classmethod
    def of(cls, rows: list[Fact]) -> Facts:
        relevant = [it for it in rows if it.value is not None or it.section in SPEAK_WITHOUT_VALUE]
        return cls(tuple(sorted(relevant, key=lambda row: (row.section, row.series, row.position))))

    def section(self, name: str) -> list[Fact]:
        return [row for row in self.rows if row.section == name]

    def by_position(self, name: str) -> list[Fact]:
        """Return the rows of a section by position, across its series."""
        return sorted(self.section(name), key=lambda row: (row.position, row.series))

    def series(self, name: str) -> dict[str, list[Fact]]:
        """Return the rows of a section by series, the most concentrated dimension first."""
        found: dict[str, list[Fact]] = {}
        for row in self.section(name):
            found.setdefault(row.series, []).append(row)
        ranks = self.dimension_ranks()

        def place(series: str) -> tuple[int, str]:
            # The label of a change ends with its periods after a comma; the dimension may contain
            # one, too.
            dimension = series if series in ranks else series.rpartition(", ")[0]
            return ranks.get(dimension, len(ranks)), series

        return {series: found[series] for series in sorted(found, key=place)}

    def dimension_ranks(self) -> dict[str, int]:
        """Rank the dimensions by excess over equal shares, then by position."""
        rows = self.by_position("concentration")
        excess = {
            row.series: row.value or 0
            for row in rows
            if row.label == "Excess over equals" and row.state == "concentrated"
        }
        names = list(dict.fromkeys(row.series for row in rows))
        order = sorted(names, key=lambda name: -excess.get(name, 0))
        return {series: rank for rank, series in enumerate(order)}

    def without_twins(self) -> Facts:
        """Return the same facts without dimensions that repeat another one."""
        bars: dict[str, list[tuple[str, float]]] = {}
        for row in self.section("bars"):
            if row.series not in CALENDAR and row.state != REST:
                bars.setdefault(row.series, []).append((row.words, row.value or 0))
        twins = set(twins_among(bars))
        return Facts(tuple(row for row in self.rows if not is_of(row, twins)))

    def overview(self, label: str) -> Fact | None:
        found = [row for row in self.section("overview") if row.label == label]
        return found[0] if found else None

    @property
    def measure_key(self) -> str:
        """Return the name of the measure that shares refer to, as the tables write it."""
        return self._label("measure")[0] or "revenue"

    @property
    def measure(self) -> str:
        """Return the same name in the words of the business."""
        return self._label("measure")[1] or "revenue"

    def one(self, role: str) -> str:
        """Return the singular of a role's name, such as customer."""
        return self._label(role)[0] or role

    def several(self, role: str) -> str:
        """Return the plural of a role's name, such as customers."""
        return self._label(role)[1] or plural(role)

    def nouns(self, dimension: str, count: float = 2) -> str:
        """Return a dimension's label within a sentence, in the number of `count`: customers,
        payment methods.
        """
        for row in self.section("labels"):
            if capitalized(row.words) == dimension:
                return row.words if count == 1 else row.detail or row.words
        return dimension.lower() if count == 1 else plural(dimension.lower())

    def of_measure(self, key: str) -> str:
        """Return the name of a measure: revenue, purchases or interactions, or the business's own
        words.
        """
        roles = {"purchases": "purchase", "interactions": "interaction"}
        return self.several(roles[key]) if key in roles else self.one(key)

    def _label(self, role: str) -> tuple[str, str]:
        found = [row for row in self.section("labels") if row.series == role]
        return (found[0].words, found[0].detail or "") if found else ("", "")


def is_of(row: Fact, dimensions: set[str]) -> bool:
    """Return whether a row is about one of these dimensions; the label of a change ends with its
    periods.
    """
    return row.series in dimensions or row.series.rpartition(", ")[0] in dimensions


def read_facts(warehouse: duckdb.DuckDBPyConnection) -> list[Fact]:
    """Read the report's rows, in the order of their key."""
    rows = warehouse.execute("select * from report_facts order by section, series, position")
    facts = [Fact(*row) for row in rows.fetchall()]
    currency = _currency(warehouse)
    return [
        replace(fact, unit=currency) if currency and fact.unit == "money" else fact
        for fact in facts
    ]


def _currency(warehouse: duckdb.DuckDBPyConnection) -> str | None:
    """Return the currency of amounts, if the mapping names it."""
    recorded = "select 1 from duckdb_columns() where table_name = 'build_info'"
    if not warehouse.execute(f"{recorded} and column_name = 'currency'").fetchone():
        return None
    row = warehouse.execute("select currency from build_info").fetchone()
    return str(row[0]) if row and row[0] else None
