"""Find the orders that rows belong to: the column that identifies them, and what varies within
them.
"""

from __future__ import annotations

from topheavy.draft.columns import Column
from topheavy.draft.interaction_rows import AT, Rows, cell
from topheavy.draft.roles import MOSTLY
from topheavy.mapping.name_hints import (
    ID_WORDS,
    STATE_HEADERS,
    has_word,
    name_score,
    normalized,
    sounds_like,
)

# The number of orders that must show a pattern, and the share of the rows.
FEWEST_ORDERS = 3
FEWEST_ROWS = 0.02


def order_columns(rows: Rows) -> list[Column]:
    """Return the columns that may identify orders, the most likely first."""
    taken = {column.name for role, column in rows.roles.items() if role != "order"}
    taken |= {column.name for column in rows.amounts}
    named = [
        column
        for column in rows.table.columns
        if column.name not in taken
        and column.distinct > 1
        and column.stamp_share < MOSTLY
        and not (column.marks["points"] + column.marks["commas"])
        and _sounds_like_an_id(column.name)
    ]
    first = [rows.roles["order"]] if "order" in rows.roles else []
    named.sort(key=lambda column: -name_score(column.name, "order"))
    return first + [column for column in named if column not in first]


def _sounds_like_an_id(name: str) -> bool:
    others = ("customer", "product")
    if name_score(name, "order"):
        return True
    return has_word(normalized(name), ID_WORDS) and not any(
        name_score(name, role) for role in others
    )


def varying_columns(rows: Rows, order: Column) -> list[Column]:
    """Return the columns whose values differ within most orders of several lines."""
    others = [
        column
        for column in rows.table.columns
        if column is not order
        and column not in rows.amounts
        and not column.is_typed_time
        and column.stamp_share < MOSTLY
        and column.clock_share < MOSTLY
        and not sounds_like(column.name, STATE_HEADERS)
    ]
    if not others:
        return []
    differ = ", ".join(f"avg(case when d{other.place} then 1 else 0 end)" for other in others)
    each = ", ".join(
        f"min({cell(other)}) <> max({cell(other)}) as d{other.place}" for other in others
    )
    shares = rows.select(
        f"select {differ} from (select {each} from used_rows where {cell(order)} <> ''"
        f" group by {cell(order)} having count(*) > 1)"
    )[0]
    return [other for other, share in zip(others, shares, strict=True) if (share or 0) > 0.3]


def order_setting(rows: Rows, order: Column) -> tuple[tuple[tuple[str, ...], str], ...]:
    """Return the setting that maps the order's column, if the mapping does not have it yet."""
    if rows.roles.get("order") is order:
        return ()
    return (((*AT, "columns", "order"), order.name),)
