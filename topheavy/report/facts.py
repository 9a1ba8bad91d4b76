"""The numbers of the report, as the warehouse hands them over.

Every number on the page is one row of `report_facts`: what it is, what it is read against, and
the model and column it comes from. The report adds words and pictures, no figure of its own.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import duckdb

from topheavy.numbers import plural, sentence
from topheavy.report.twins import twins_among
from topheavy.visible import readable

# The column that a section's comparison_value is read from, in the model of the row.
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
# Rows of these sections say something without a value, such as why there is none.
SPEAK_WITHOUT_VALUE = ("labels", "overview", "headline", "limits", "concentration")
# Dimensions whose entities are in an order of their own.
CALENDAR = ("Hour", "Weekday", "Month", "Year", "Date")
# The state of the bar of all who have none of their own.
REST = "rest"


@dataclass(frozen=True)
class Fact:
    """One row of report_facts, its columns in their order."""

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
        """The same, its texts as a page may show them."""
        texts = ("section", "series", "label", "unit", "state", "detail", "model", "column", "key")
        changed: dict[str, Any] = {
            name: readable(getattr(self, name)) for name in texts if getattr(self, name)
        }
        return replace(self, **changed)

    @property
    def words(self) -> str:
        """The label, or nothing where the row has none."""
        return self.label or ""

    @property
    def source(self) -> str:
        """Model and column of the value."""
        return f"{self.model}.{self.column}" if self.column else self.model

    @property
    def comparison_source(self) -> str:
        """Model and column of what the value is read against."""
        column = COMPARISON_COLUMNS.get(self.section)
        return f"{self.model}.{column}" if column else self.source


@dataclass(frozen=True)
class Facts:
    """The rows of one export that say something, in the order of their key."""

    rows: tuple[Fact, ...]

    @classmethod
    def of(cls, rows: list[Fact]) -> Facts:
        said = [it for it in rows if it.value is not None or it.section in SPEAK_WITHOUT_VALUE]
        return cls(tuple(sorted(said, key=lambda row: (row.section, row.series, row.position))))

    def section(self, name: str) -> list[Fact]:
        return [row for row in self.rows if row.section == name]

    def by_position(self, name: str) -> list[Fact]:
        """The rows of a section whose positions rank them across its series."""
        return sorted(self.section(name), key=lambda row: (row.position, row.series))

    def series(self, name: str) -> dict[str, list[Fact]]:
        """The rows of a section by series, the dimensions in the order of their concentration."""
        found: dict[str, list[Fact]] = {}
        for row in self.section(name):
            found.setdefault(row.series, []).append(row)
        ranks = self.dimension_ranks()

        def place(series: str) -> tuple[int, str]:
            # A change names its periods behind its dimension, which may hold a comma itself.
            dimension = series if series in ranks else series.rpartition(", ")[0]
            return ranks.get(dimension, len(ranks)), series

        return {series: found[series] for series in sorted(found, key=place)}

    def dimension_ranks(self) -> dict[str, int]:
        """The dimensions by how far their concentration exceeds that of equals, then by place."""
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
        """The same without dimensions that repeat another one."""
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
        """The measure that shares are shares of, as the tables name it."""
        return self._label("measure")[0] or "revenue"

    @property
    def measure(self) -> str:
        """The same in the words of the business."""
        return self._label("measure")[1] or "revenue"

    def one(self, role: str) -> str:
        """The word for one of a role, such as customer."""
        return self._label(role)[0] or role

    def several(self, role: str) -> str:
        """The word for several of a role, such as customers."""
        return self._label(role)[1] or plural(role)

    def nouns(self, dimension: str, count: float = 2) -> str:
        """A dimension's label within a sentence, for that many: customers, payment methods."""
        for row in self.section("labels"):
            if sentence(row.words) == dimension:
                return row.words if count == 1 else row.detail or row.words
        return dimension.lower() if count == 1 else plural(dimension.lower())

    def of_measure(self, key: str) -> str:
        """What a measure is called: revenue, purchases and interactions, or the words for them."""
        roles = {"purchases": "purchase", "interactions": "interaction"}
        return self.several(roles[key]) if key in roles else self.one(key)

    def _label(self, role: str) -> tuple[str, str]:
        found = [row for row in self.section("labels") if row.series == role]
        return (found[0].words, found[0].detail or "") if found else ("", "")


def is_of(row: Fact, dimensions: set[str]) -> bool:
    """Whether a row is about one of these dimensions; a change names its periods behind it."""
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
    """What money is in, where the mapping says so; it is the unit of amounts then."""
    recorded = "select 1 from duckdb_columns() where table_name = 'build_info'"
    if not warehouse.execute(f"{recorded} and column_name = 'currency'").fetchone():
        return None
    row = warehouse.execute("select currency from build_info").fetchone()
    return str(row[0]) if row and row[0] else None
