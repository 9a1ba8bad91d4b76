"""Read the published tables for the page, and find the columns that contain its dimensions.

`interactions` has the rows, `customers` and `products` their attributes. A dimension uses the first
of their columns whose sums equal those of `entity_concentration`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cached_property
from typing import Any

import duckdb

from topheavy.report.twins import twins_among
from topheavy.visible import readable

CALENDAR = {
    "year": "strftime(interactions.interacted_at, '%Y')",
    "month": "strftime(interactions.interacted_at, '%Y-%m')",
    "date": "strftime(interactions.interacted_at, '%Y-%m-%d')",
    "weekday": "dayname(interactions.interacted_at)",
    "hour": "case when interactions.has_time_of_day"
    " then strftime(interactions.interacted_at, '%H') end",
}
# In a dimension with more entities than this, only the leading ones are summed by period.
MANY_ENTITIES = 5_000
MEASURES = ("interactions", "purchases", "revenue")
# The number of names of a dimension that the search finds.
NAMES = 300
SUMS = (
    "count(*) as interactions,"
    " count(case when interaction_type = 'purchase' then 1 end) as purchases,"
    " coalesce(sum(revenue), 0) as revenue"
)
# The period picker answers questions about these dimensions.
PERIOD_DIMENSIONS = ("year", "month", "date")
Json = Any
# The position of a period, by its grain and first day, in the page's list of periods.
Places = Mapping[tuple[str, date], int]
LEFT_OUT = ("dimension", "period_grain", "period_start", "measure")


@dataclass
class Source:
    """A warehouse with the tables that its page is made from."""

    warehouse: duckdb.DuckDBPyConnection
    main: str
    dimensions: list[str]
    counts: dict[str, int]
    columns: dict[str, str] = field(default_factory=dict)
    incomplete: frozenset[date] = frozenset()
    # Whether the page contains every row, so that nothing is summed in advance.
    is_carried: bool = False

    @property
    def added(self) -> list[str]:
        """Return the dimensions whose sums equal the published ones."""
        return [it for it in self.dimensions if it in self.columns]

    def is_partial(self, dimension: str) -> bool:
        """Return whether only the leading entities of a dimension are summed by period."""
        return not self.is_carried and self.counts[dimension] > MANY_ENTITIES

    def named(self, dimension: str) -> list[str]:
        """Return the leading entities by any measure."""
        found = {it: None for measure in MEASURES for it in self.leading(dimension, measure, NAMES)}
        return list(found)

    @cached_property
    def index_columns(self) -> list[str]:
        found = self.warehouse.execute(
            "select column_name from duckdb_columns()"
            " where table_name = 'concentration_indices' order by column_index"
        ).fetchall()
        return [name for (name,) in found if name not in LEFT_OUT]

    @cached_property
    def span(self) -> tuple[date | None, date | None]:
        row = self.warehouse.execute(
            "select cast(min(interacted_at) as date), cast(max(interacted_at) as date)"
            f" from {self.rows}"
        ).fetchone()
        return row if row else (None, None)

    @cached_property
    def rows(self) -> str:
        """Return the table with the rows, which is faster to count than the view over it."""
        found = self.warehouse.execute(
            "select 1 from duckdb_tables() where table_name = 'interaction_facts'"
        ).fetchone()
        return "interaction_facts" if found else "interactions"

    @cached_property
    def row_count(self) -> int:
        row = self.warehouse.execute(f"select count(*) from {self.rows}").fetchone()
        return int(row[0]) if row else 0

    def is_complete(self, grain: str, start: date) -> bool:
        """Return whether the data cover a period from its first day to its last, with no partial
        month.
        """
        first, last = self.span
        if grain == "all" or first is None or last is None:
            return True
        end = after(grain, start) - timedelta(days=1)
        months = {it for it in self.incomplete if start <= it <= end}
        return not months and first <= start and last >= end

    def leave_out_twins(self) -> None:
        """Remove dimensions that repeat another one."""
        few = [it for it, count in self.counts.items() if count <= 15 and it not in CALENDAR]
        query = (
            "select dimension, entity_label, coalesce(value_share, 0) from entity_concentration"
            f" where measure = {text(self.main)} and dimension in ({texts(few) or 'null'})"
            " order by all"
        )
        entities: dict[str, list[tuple[str, float]]] = {}
        for dimension, label, share in self.warehouse.execute(query).fetchall():
            entities.setdefault(dimension, []).append((label, share))
        for twin in twins_among(entities):
            self.dimensions.remove(twin)

    def leading(self, dimension: str, measure: str, count: int) -> list[str]:
        """Return the largest entities over the whole period, or all entities of a small
        dimension.
        """
        if (dimension, measure) not in self._leading:
            found = self.warehouse.execute(
                "select entity_id from entity_concentration where dimension = ? and measure = ?"
                " order by value_rank nulls last, entity_value desc, entity_id limit 1000",
                [dimension, measure],
            ).fetchall()
            self._leading[dimension, measure] = [it for (it,) in found]
        return self._leading[dimension, measure][:count]

    @cached_property
    def _leading(self) -> dict[tuple[str, str], list[str]]:
        return {}

    def leading_condition(self, count: int) -> str:
        """Return an SQL condition for the rows of the largest entities of each dimension."""
        parts = [
            f"dimension = {text(it)} and entity_id in ({texts(self.leading(it, self.main, count))})"
            for it in self.added
            if self.leading(it, self.main, count)
        ]
        return " or ".join(parts) or "false"

    def published_cells(self) -> list[tuple[Any, ...]]:
        """Return the cells of concentration_matrix, which cover the whole period."""
        sums = ", ".join(
            f"sum(case when measure = {text(it)} then cell_value else 0 end)" for it in MEASURES
        )
        found = self.warehouse.execute(
            f"select row_dimension, column_dimension, row_id, column_id, {sums}"
            " from concentration_matrix group by 1, 2, 3, 4 order by 1, 2, 3, 4"
        ).fetchall()
        known = [row for row in found if {row[0], row[1]} <= set(self.dimensions)]
        return [((row[0], row[1]), None, row[2], row[3], row[4:]) for row in known]

    @cached_property
    def first_start(self) -> date | None:
        row = self.warehouse.execute(
            "select min(period_start) from concentration_indices where period_grain = 'all'"
        ).fetchone()
        return row[0] if row else None


JOINED = (
    "interactions left join customers on interactions.customer_id = customers.customer_id"
    " left join products on interactions.product_id = products.product_id"
)


def prepare(warehouse: duckdb.DuckDBPyConnection, most_carried: int) -> Source:
    """Prepare a warehouse for the page's questions; `most_carried` limits the rows on the page."""
    # Small tables are done before a second thread has started, and one thread keeps the order of
    # sums.
    warehouse.execute("set threads to 1")
    source = source_of(warehouse)
    source.is_carried = 0 < source.row_count <= most_carried
    source.leave_out_twins()
    for dimension in source.dimensions if source.is_carried else ():
        column = checked_column(source, dimension)
        if column:
            source.columns[dimension] = column
    return source


def source_of(warehouse: duckdb.DuckDBPyConnection) -> Source:
    found = warehouse.execute(
        "select dimension, max(entity_count) from concentration_indices"
        " where period_grain = 'all' group by dimension having max(entity_count) > 0 order by 1"
    ).fetchall()
    main = warehouse.execute(
        "select label from report_facts where section = 'labels' and series = 'measure'"
    ).fetchone()
    partly = warehouse.execute(
        "select distinct try_cast(label || '-01' as date) from report_facts"
        " where section = 'trend' and state = 'incomplete'"
    ).fetchall()
    return Source(
        warehouse,
        main[0] if main else "revenue",
        [dimension for dimension, _ in found],
        {dimension: int(count) for dimension, count in found},
        incomplete=frozenset(it for (it,) in partly if it),
    )


def candidates(source: Source, dimension: str) -> list[str]:
    """Return the columns of the published tables that may contain a dimension."""
    if dimension in CALENDAR:
        return [CALENDAR[dimension]]
    name = f"{dimension}_id" if dimension in ("customer", "product") else dimension
    tables = ("interactions", "products", "customers")
    found = source.warehouse.execute(
        "select table_name from duckdb_columns() where column_name = ?"
        " and table_name in ('interactions', 'products', 'customers')",
        [name],
    ).fetchall()
    having = [it for it in tables if (it,) in found]
    if name != dimension:
        having = having[:1]
    return [f'{it}."{name}"' for it in having]


def checked_column(source: Source, dimension: str) -> str:
    """Return the column whose sums equal those of entity_concentration; empty if there is none."""
    for column in candidates(source, dimension):
        query = f"""
            with ours as (
                select cast({column} as varchar) as entity_id, {SUMS}
                from {JOINED} where {column} is not null group by 1
            ), published as (
                select entity_id,
                    max(case when measure = 'interactions' then entity_value end) as interactions,
                    max(case when measure = 'purchases' then entity_value end) as purchases,
                    max(case when measure = 'revenue' then entity_value end) as revenue
                from entity_concentration where dimension = {text(dimension)} group by entity_id
            )
            select count(*) from ours full join published using (entity_id)
            where coalesce(ours.interactions, 0) != coalesce(published.interactions, 0)
                or coalesce(ours.purchases, 0) != coalesce(published.purchases, 0)
                or coalesce(ours.revenue, 0) != coalesce(published.revenue, 0)"""
        row = source.warehouse.execute(query).fetchone()
        if row and not row[0]:
            return column
    return ""


def after(grain: str, start: date) -> date:
    """Return the first day after a period."""
    months = {"year": 12, "quarter": 3, "month": 1}[grain]
    month = start.year * 12 + start.month - 1 + months
    return date(month // 12, month % 12 + 1, 1)


def day(value: date | None) -> str:
    return f"date '{value}'" if value else "cast(null as date)"


def text(value: str) -> str:
    """Return a text as an SQL literal."""
    return "'" + value.replace("'", "''") + "'"


def texts(values: list[str]) -> str:
    return ", ".join(map(text, values))


def add(found: Json, place_of: Places, key: Sequence[Any], values: list[Json]) -> None:
    """Add values of a dimension, grain, start and measure if the page has that period."""
    dimension, grain, start, measure = key
    place = place_of.get((grain, start))
    if place is not None:
        by_period = found.setdefault(dimension, {}).setdefault(measure, {})
        by_period.setdefault(place, []).extend(values)


def plain(value: Any, digits: int = 12) -> Json:
    """Return a value as JSON writes it, with the digits to which its sums are exact."""
    if isinstance(value, str):
        return readable(value)
    if value is None or isinstance(value, (bool, int)):
        return value
    if isinstance(value, date):
        return value.isoformat()
    number = float(f"{float(value):.{digits}g}")
    return int(number) if number.is_integer() and abs(number) < 1e15 else number
