"""The rows of interactions as a mapping or draft reads them, and SQL about their cells."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import duckdb

from topheavy.draft.columns import Column
from topheavy.draft.profiles import Table
from topheavy.draft.questions import Answer
from topheavy.mapping.sources import literal
from topheavy.numbers import counted

AT = ("interactions",)
# A pattern counts as found if at least this share of the rows that could show it do.
CLEAR = 0.9
CENT = 0.011


@dataclass(frozen=True)
class Orders:
    """The SQL that groups rows into the orders whose lines they are."""

    table: Table
    key: Column
    """The id of an order in its own table."""
    line_key: Column
    """The id of the order in the rows."""

    def of_line(self, expression: str) -> str:
        """Return the SQL of an order's property for each of its rows; `expression` refers to
        `ordered`.
        """
        return (
            f"(select min({expression}) from {self.table.key} as ordered"
            f" where trim(ordered.{cell(self.key)}) = used_rows.{cell(self.line_key)})"
        )


@dataclass(frozen=True)
class Rows:
    """The rows of interactions as a mapping or draft reads them."""

    table: Table
    roles: dict[str, Column]
    """The columns by role; an amount in two columns has amount and amount_out."""
    amounts: tuple[Column, ...]
    """The columns that are, or may be, the amount of a row."""
    database: duckdb.DuckDBPyConnection
    types: dict[str, str] = field(default_factory=dict)
    """The type of interaction that each spelling, in lower case, means."""
    left_out: str = "false"
    """The SQL condition of rows that the mapping leaves out."""
    settled: frozenset[str] = frozenset()
    """The questions that the mapping answers."""
    used: frozenset[str] = frozenset()
    """The columns by which the mapping leaves rows out."""
    filled: frozenset[str] = frozenset()
    """The columns whose blank cells the mapping fills from above."""
    sign: str = ""
    """The column that determines the sign."""
    orders: Orders | None = None
    """What lines take from a separate file of orders."""
    answers: dict[str, list[tuple[Any, ...]]] = field(default_factory=dict)
    """The results of queries since tables changed; many detectors need the same."""

    @property
    def has_money(self) -> bool:
        return bool(self.amounts) or {"quantity", "unit_price"} <= {*self.roles}

    @property
    def money_name(self) -> str:
        """Return the name of the amount for use in questions."""
        if self.amounts:
            return f"'{self.amounts[0].name}'"
        return f"'{self.roles['quantity'].name}' x '{self.roles['unit_price'].name}'"

    @property
    def time(self) -> Column | None:
        return self.roles.get("time") or self.roles.get("date")

    def select(self, query: str) -> list[tuple[Any, ...]]:
        """Run a query on `used_rows`, whose columns are the cells c0, c1, ... by position, and
        money.
        """
        if query not in self.answers:
            self.answers[query] = self.database.execute(query).fetchall()
        return self.answers[query]

    def change(self, statement: str) -> None:
        """Run a statement that changes a table."""
        self.database.execute(statement)
        self.answers.clear()

    def total(self, condition: str = "true") -> float:
        """Return the money of the rows that count and meet a condition."""
        query = f"select coalesce(sum(money), 0) from used_rows where is_sale and ({condition})"
        return float(self.select(query)[0][0])

    def drop(self, condition: str) -> None:
        """Remove rows that are not sales, so that later detectors do not see them."""
        self.change(f"delete from used_rows where {condition}")

    def count(self, condition: str) -> int:
        return int(self.select(f"select count(*) from used_rows where {condition}")[0][0])


def cell(column: Column) -> str:
    """Return the SQL of a cell."""
    return f"c{column.place}"


def literals(texts: Any) -> str:
    return "(" + ", ".join(map(literal, texts)) + ")"


def money(value: float) -> str:
    """Format an amount for a question; zero never has a minus sign."""
    return f"{round(value, 2) + 0:,.2f}"


def rows_word(count: int) -> str:
    return counted(count, "row")


def accepted(name: str, words: str) -> Answer:
    """Return the answer that accepts the rows as they are."""
    return Answer(words, (((*AT, "accepted"), [name]),))


def leave_out(column: Column, values: Any, reason: str, words: str) -> Answer:
    """Return the answer that leaves out rows with some values in a column."""
    rule = {"column": column.name, "values": values, "reason": reason}
    return Answer(words, (((*AT, "leave_out"), [rule]),))


def subtract(column: Column, values: list[str], words: str) -> Answer:
    """Return the answer that subtracts amounts with some values in a column."""
    return Answer(words, (((*AT, "sign"), {"column": column.name, "negative": values}),))


def cell_places(rows: Rows) -> range:
    """Return the positions of all cells, including those of columns without a name."""
    return range(len(rows.table.layout.header))
