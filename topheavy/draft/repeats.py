"""Detect orders and rows that an export contains more than once."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

from topheavy.draft.columns import Column
from topheavy.draft.interaction_rows import (
    AT,
    CENT,
    CLEAR,
    Rows,
    accepted,
    cell,
    cell_places,
    money,
    rows_word,
)
from topheavy.draft.orders import (
    FEWEST_ORDERS,
    FEWEST_ROWS,
    order_columns,
    order_setting,
    varying_columns,
)
from topheavy.draft.questions import Answer, Question
from topheavy.draft.roles import MOSTLY, NEARLY_ALL
from topheavy.mapping.sources import literal


def repeated_orders(rows: Rows) -> Iterator[Question]:
    """Ask about rows that repeat an almost unique id and everything else except a time."""
    for order in order_columns(rows):
        several, same, more, plain, once, example = rows.select(
            "select count(*) filter (n > 1), count(*) filter (n > 1 and is_same),"
            " sum(n - 1) filter (is_same), sum(total),"
            " sum(case when n > 1 and is_same then least_one else total end),"
            " min(id) filter (n > 1 and is_same) from ("
            f"select {cell(order)} as id, count(*) as n, sum(money) as total,"
            " min(money) as least_one, count(money) = count(*) and min(money) = max(money)"
            f" as is_same from used_rows where is_sale and {cell(order)} <> '' group by all)"
        )[0]
        if not several or same < CLEAR * several or order.distinct < MOSTLY * order.filled:
            continue
        if varying_columns(rows, order) or abs(plain - once) < CENT:
            continue
        time = rows.time
        stamps = f"; {_stamps(rows, order, time, example)}" if time else ""
        yield Question(
            f"'{order.name}' {example} is repeated{stamps}: {same:,} such ids have the same amount "
            f"in {rows_word(int(more))} more: is each of these one order or transaction? The sum "
            f"of all rows is {money(plain)}; if each counts once, it is {money(once)}.",
            (
                Answer(
                    f"each counts once: {money(once)}",
                    ((("duplicates",), {"by": "order"}), *order_setting(rows, order)),
                ),
                accepted("repeated_orders", f"every row counts: {money(plain)}"),
            ),
            AT,
            "repeated_orders",
            int(more),
        )
        return
    for order in order_columns(rows):
        question = _whole_orders(rows, order)
        if question:
            yield question
            return


def _whole_orders(rows: Rows, order: Column) -> Question | None:
    """Ask about orders whose lines all occur equally often, at least twice, as if sent again."""
    lines = _line_columns(rows, order)
    roles = [role for role in ("product", "amount", "quantity", "unit_price") if role in rows.roles]
    roles += ["amount"] if rows.amounts and "amount" not in roles else []
    if not lines or not roles:
        return None
    of_line = ", ".join(cell(column) for column in lines)
    stamp = cell(rows.time) if rows.time else "''"
    count, more, example = rows.select(
        "select count(*), coalesce(sum(n - lines), 0), min(id) from (select id, sum(uses) as n,"
        " count(*) as lines, min(uses) as fewest, max(uses) as most, max(stamps) as stamps from ("
        f"select {cell(order)} as id, count(*) as uses, count(distinct {stamp}) as stamps"
        f" from used_rows where is_sale and {cell(order)} <> '' group by {cell(order)}, {of_line})"
        " group by id) where fewest = most and fewest > 1 and (lines > 1 or stamps > 1)"
    )[0]
    if count < FEWEST_ORDERS - 1:
        return None
    columns = {role: rows.roles.get(role) or rows.amounts[0] for role in roles}
    key = ", ".join(cell(column) for column in (order, *columns.values()))
    plain = rows.total()
    once = rows.select(
        "select coalesce(sum(money), 0) from (select min(money) as money from used_rows"
        f" where is_sale group by {key})"
    )[0][0]
    stamps = f"; {_stamps(rows, order, rows.time, example)}" if rows.time else ""
    return Question(
        f"{count:,} orders ('{order.name}') appear twice or more with all of their lines, such as "
        f"{example}{stamps}: is each of them one order? The sum of all rows is {money(plain)}; if "
        f"each line of an order counts once, it is {money(once)}.",
        (
            Answer(
                f"each line of an order counts once: {money(once)}",
                ((("duplicates",), {"by": ["order", *roles]}), *order_setting(rows, order)),
            ),
            accepted("repeated_orders", f"every row counts: {money(plain)}"),
        ),
        AT,
        "repeated_orders",
        int(more),
    )


def _line_columns(rows: Rows, order: Column) -> list[Column]:
    """Return the columns that distinguish the lines of an order: not times, not ids of rows."""
    roles = (*rows.roles.values(), *rows.amounts)
    return [
        column
        for column in rows.table.columns
        if column is not order
        and not column.is_typed_time
        and max(column.stamp_share, column.clock_share) < MOSTLY
        and (column in roles or column.distinct < NEARLY_ALL * rows.table.rows)
    ]


def _stamps(rows: Rows, order: Column, time: Column, example: str) -> str:
    found = rows.select(
        f"select list(distinct {cell(time)} order by {cell(time)}) from used_rows"
        f" where {cell(order)} = {literal(example)}"
    )[0][0]
    if len(found) == 1:
        return f"its rows are all of {found[0]}"
    return f"its rows are of {found[0]} and {found[-1]}"


def repeated_rows(rows: Rows) -> Iterator[Question]:
    """Ask about rows that are in several files, as if the months of exports overlapped."""
    paths = [path for path in rows.table.paths if rows.table.rows_by_file.get(path)]
    if len(paths) < 2:
        return
    ends = itertools.accumulate(rows.table.rows_by_file[path] for path in paths)
    file = " ".join(f"when place < {end} then {number}" for number, end in enumerate(ends))
    cells = ", ".join(f"c{place}" for place in cell_places(rows))
    more, first, second = rows.select(
        "select coalesce(sum(n - 1), 0), min_by(first, place), min_by(last, place) from ("
        f"select count(*) as n, min(file) as first, max(file) as last, min(place) as place"
        f" from (select *, case {file} end as file from used_rows where is_sale) group by {cells})"
        " where first < last"
    )[0]
    smallest = min(rows.table.rows_by_file[path] for path in paths)
    if more < max(FEWEST_ORDERS, FEWEST_ROWS * smallest):
        return
    plain = rows.total()
    once = rows.select(
        "select coalesce(sum(money), 0) from (select any_value(money) as money from used_rows"
        f" where is_sale group by {cells})"
    )[0][0]
    if abs(plain - once) < CENT:
        return
    yield Question(
        f"{rows_word(int(more))} of one file are in another file too, such as in "
        f"{paths[first].name} and {paths[second].name}, as if exports overlapped: should equal "
        f"rows count once? The sum of all rows is {money(plain)}; if each "
        f"counts once, {money(once)}.",
        (
            Answer(f"each counts once: {money(once)}", ((("duplicates",), "drop"),)),
            accepted("repeated_rows", f"every row counts: {money(plain)}"),
        ),
        AT,
        "repeated_rows",
        int(more),
    )
