"""The values of entities by period, summed again from the published rows, and checked.

`interactions` has the rows, `customers` and `products` their attributes. A dimension takes the
first of these columns whose sums are those of `entity_concentration`.
"""

from __future__ import annotations

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
# Above so many rows nothing is joined or crossed for the page alone: it would take longer than
# the build. What is not summed again is answered from the published tables.
MANY_ROWS = 500_000
# Of a dimension with more entities, only the leading ones are added up by period.
MANY_ENTITIES = 5_000
MEASURES = ("interactions", "purchases", "revenue")
# So many names of a dimension can be looked for.
NAMES = 300
SUMS = (
    "count(*) as interactions,"
    " count(case when interaction_type = 'purchase' then 1 end) as purchases,"
    " coalesce(sum(revenue), 0) as revenue"
)
ADDED = "sum(interactions) as interactions, sum(purchases) as purchases, sum(revenue) as revenue"
# Answered by the periods.
PERIOD_DIMENSIONS = ("year", "month", "date")
Json = Any
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
    # Whether the page carries every row, and nothing is added up before.
    is_carried: bool = False

    @property
    def added(self) -> list[str]:
        """The dimensions whose sums are the published ones."""
        return [it for it in self.dimensions if it in self.columns]

    @property
    def has_many_rows(self) -> bool:
        return self.row_count > MANY_ROWS

    def is_partial(self, dimension: str) -> bool:
        """Whether only the leading entities of a dimension are added up by period."""
        if self.is_carried:
            return False
        is_of_rows = dimension in ("customer", "product")
        return self.counts[dimension] > MANY_ENTITIES or (self.has_many_rows and is_of_rows)

    def named(self, dimension: str) -> list[str]:
        """The leading entities by any measure."""
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
            " from interactions"
        ).fetchone()
        return row if row else (None, None)

    @cached_property
    def row_count(self) -> int:
        row = self.warehouse.execute("select count(*) from interactions").fetchone()
        return int(row[0]) if row else 0

    def is_complete(self, grain: str, start: date) -> bool:
        """Whether the data cover a period: neither begin nor end in it, and no month in part."""
        first, last = self.span
        if grain == "all" or first is None or last is None:
            return True
        end = after(grain, start) - timedelta(days=1)
        months = {it for it in self.incomplete if start <= it <= end}
        return not months and first <= start and last >= end

    def leave_out_twins(self) -> None:
        """Drop dimensions that repeat another one."""
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
        """The largest entities over the whole period, or all of a small dimension."""
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
        """True for the rows of the largest entities of each dimension."""
        parts = [
            f"dimension = {text(it)} and entity_id in ({texts(self.leading(it, self.main, count))})"
            for it in self.added
            if self.leading(it, self.main, count)
        ]
        return " or ".join(parts) or "false"

    def published_cells(self) -> list[tuple[Any, ...]]:
        """The cells of concentration_matrix, which are of the whole period."""
        sums = ", ".join(
            f"sum(case when measure = {text(it)} then cell_value else 0 end)" for it in MEASURES
        )
        found = self.warehouse.execute(
            f"select row_dimension, column_dimension, row_id, column_id, {sums}"
            " from concentration_matrix group by 1, 2, 3, 4 order by 1, 2, 3, 4"
        ).fetchall()
        known = [row for row in found if {row[0], row[1]} <= set(self.dimensions)]
        return [((row[0], row[1]), None, row[2], row[3], row[4:]) for row in known]

    def row(self, dimension: str) -> str:
        """The column of page_rows for a dimension."""
        return f"d{self.dimensions.index(dimension)}"

    @cached_property
    def first_start(self) -> date | None:
        row = self.warehouse.execute(
            "select min(period_start) from concentration_indices where period_grain = 'all'"
        ).fetchone()
        return row[0] if row else None

    def profiles(self, entities: int, others: int) -> list[tuple[Any, ...]]:
        """What the leading entities of a dimension have of each other one, the largest first."""
        found: list[tuple[Any, ...]] = []
        asked = [it for it in self.added if it not in PERIOD_DIMENSIONS]
        for dimension in asked:
            wanted = texts(self.leading(dimension, self.main, entities))
            against = [it for it in asked if it != dimension]
            if self.has_many_rows and not self.is_partial(dimension):
                continue
            if not wanted or not against:
                continue
            entity = self.row(dimension)
            sums = " union all ".join(
                f"select {place} as place, {entity} as entity, {self.row(it)} as other, {SUMS}"
                f" from page_rows where {entity} in ({wanted}) and {self.row(it)} is not null"
                " group by all"
                for place, it in enumerate(against)
            )
            query = f"""
                select * from ({sums}) qualify row_number() over (
                    partition by place, entity order by {self.main} desc, other
                ) <= {others}
                order by place, entity, {self.main} desc, other"""
            for place, *row in self.warehouse.execute(query).fetchall():
                found.append((dimension, against[place], *row))
        return found


JOINED = (
    "interactions left join customers on interactions.customer_id = customers.customer_id"
    " left join products on interactions.product_id = products.product_id"
)


def prepare(warehouse: duckdb.DuckDBPyConnection, most_carried: int) -> Source:
    """Make the values and ranks of entities by period, in tables of this connection alone.

    What the page of a small export carries row by row is only checked here.
    """
    source = source_of(warehouse)
    source.is_carried = 0 < source.row_count <= most_carried
    source.leave_out_twins()
    if not source.has_many_rows:
        # What is small is done before a second thread has begun; and sums keep their order.
        warehouse.execute("set threads to 1")
    make_months(source)
    for dimension in source.dimensions:
        column = checked_column(source, dimension)
        if column:
            source.columns[dimension] = column
    if not source.is_carried:
        make_periods(source)
        make_rows(source)
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


def make_months(source: Source) -> None:
    """The months of each dimension by every column that may be its own."""
    run = source.warehouse.execute
    run(
        "create or replace temp table page_months as select dimension, '' as column_name,"
        " entity_id, cast(null as date) as month_start, cast(0 as bigint) as interactions,"
        " cast(0 as bigint) as purchases, entity_value as revenue,"
        " cast(null as date) as first_day, cast(null as date) as last_day"
        " from entity_concentration where false"
    )
    # Days and hours are few: the calendar is added up from them.
    run(
        "create or replace temp table page_hours as select cast(interacted_at as date) as day,"
        " has_time_of_day, case when has_time_of_day then hour(interacted_at) end as hour,"
        f" {SUMS} from interactions where interacted_at is not null group by all"
    )
    for dimension in source.dimensions:
        for column in candidates(source, dimension):
            run(f"insert into page_months {months_query(source, dimension, column)}")


def months_query(source: Source, dimension: str, column: str) -> str:
    if dimension in CALENDAR:
        at = "(page_hours.day + to_hours(coalesce(page_hours.hour, 0)))"
        column_of_hours = column.replace("interactions.interacted_at", at)
        column_of_hours = column_of_hours.replace("interactions.", "page_hours.")
        return f"""
            select {text(dimension)}, {text(column)}, {column_of_hours},
                cast(date_trunc('month', day) as date), {ADDED}, min(day), max(day)
            from page_hours where {column_of_hours} is not null group by 3, 4"""
    names = f" and {column} in ({texts(source.named(dimension)) or 'null'})"
    return f"""
        select {text(dimension)}, {text(column)}, cast({column} as varchar),
            cast(date_trunc('month', interacted_at) as date), {SUMS},
            cast(min(interacted_at) as date), cast(max(interacted_at) as date)
        from {"interactions" if column.startswith("interactions.") else JOINED}
        where {column} is not null{names if source.is_partial(dimension) else ""}
        group by 3, 4"""


def candidates(source: Source, dimension: str) -> list[str]:
    """The columns of the published tables that may hold a dimension."""
    if dimension in CALENDAR:
        return [CALENDAR[dimension]]
    name = f"{dimension}_id" if dimension in ("customer", "product") else dimension
    tables = (
        ("interactions",) if source.has_many_rows else ("interactions", "products", "customers")
    )
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
    """The column whose sums are those of entity_concentration; empty where none has them."""
    within = f" and entity_id in ({texts(source.named(dimension)) or 'null'})"
    some = within if source.is_partial(dimension) else ""
    for column in candidates(source, dimension):
        query = f"""
            with ours as (
                select entity_id, {ADDED} from page_months
                where dimension = {text(dimension)} and column_name = {text(column)} group by all
            ), published as (
                select entity_id,
                    max(case when measure = 'interactions' then entity_value end) as interactions,
                    max(case when measure = 'purchases' then entity_value end) as purchases,
                    max(case when measure = 'revenue' then entity_value end) as revenue
                from entity_concentration where dimension = {text(dimension)}{some}
                group by entity_id
            )
            select count(*) from ours full join published using (entity_id)
            where coalesce(ours.interactions, 0) != coalesce(published.interactions, 0)
                or coalesce(ours.purchases, 0) != coalesce(published.purchases, 0)
                or coalesce(ours.revenue, 0) != coalesce(published.revenue, 0)"""
        row = source.warehouse.execute(query).fetchone()
        if row and not row[0]:
            return column
    return ""


def make_periods(source: Source) -> None:
    """Months to quarters, years and the whole; and the rank of each entity in each."""
    chosen = " or ".join(
        f"dimension = {text(it)} and column_name = {text(column)}"
        for it, column in source.columns.items()
    )
    source.warehouse.execute(f"""
        create or replace temp table page_values as
        select dimension, grain as period_grain, cast(case grain
            when 'all' then {day(source.first_start)} else date_trunc(grain, month_start)
            end as date) as period_start, entity_id, {ADDED},
            min(first_day) as first_day, max(last_day) as last_day
        from page_months
        cross join (values ('all'), ('year'), ('quarter'), ('month')) as grains (grain)
        where ({chosen or "false"}) and (grain = 'all' or month_start is not null)
            and (grain = 'all' or dimension not in ('year', 'month', 'date'))
        group by all""")
    ranks = ", ".join(
        f"case when {it} > 0 then row_number() over ({PERIOD} order by {it} desc, entity_id) end"
        f" as {it}_rank, sum(greatest({it}, 0)) over ({PERIOD} order by {it} desc, entity_id"
        f" rows between unbounded preceding and current row) as {it}_so_far"
        for it in MEASURES
    )
    source.warehouse.execute(
        f"create or replace temp table page_ranks as select *, {ranks} from page_values"
    )


def make_rows(source: Source) -> None:
    """The rows with all their dimensions side by side; a view where a table would be large."""
    columns = "".join(f", {source.columns[it]} as {source.row(it)}" for it in source.added)
    kind = "view" if source.has_many_rows else "table"
    joined = "interactions" if source.has_many_rows else JOINED
    source.warehouse.execute(
        f"create or replace temp {kind} page_rows as select interaction_type, revenue,"
        " cast(date_trunc('quarter', interacted_at) as date) as quarter_start,"
        f" cast(date_trunc('month', interacted_at) as date) as month_start{columns} from {joined}"
    )


PERIOD = "partition by dimension, period_grain, period_start"


def after(grain: str, start: date) -> date:
    """The first day after a period."""
    months = {"year": 12, "quarter": 3, "month": 1}[grain]
    month = start.year * 12 + start.month - 1 + months
    return date(month // 12, month % 12 + 1, 1)


def day(value: date | None) -> str:
    return f"date '{value}'" if value else "cast(null as date)"


def text(value: str) -> str:
    """A text as SQL writes it."""
    return "'" + value.replace("'", "''") + "'"


def texts(values: list[str]) -> str:
    return ", ".join(map(text, values))


def plain(value: Any, digits: int = 12) -> Json:
    """A value as JSON has it, with as many digits as its sums are exact to."""
    if isinstance(value, str):
        return readable(value)
    if value is None or isinstance(value, (bool, int)):
        return value
    if isinstance(value, date):
        return value.isoformat()
    number = float(f"{float(value):.{digits}g}")
    return int(number) if number.is_integer() and abs(number) < 1e15 else number
