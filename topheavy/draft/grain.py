"""Detect amounts that belong to a whole order, or that add up its other lines."""

from __future__ import annotations

from collections.abc import Iterator

from topheavy.draft.amounts import number_sql
from topheavy.draft.columns import Column
from topheavy.draft.interaction_rows import (
    AT,
    CENT,
    CLEAR,
    Rows,
    accepted,
    cell,
    leave_out,
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
from topheavy.draft.roles import FEW_VALUES
from topheavy.mapping.name_hints import (
    name_score,
)
from topheavy.mapping.sources import literal

# If amounts repeat this often by chance, equal amounts within an order prove nothing.
COMMON_AMOUNTS = 0.5


def same_amount_per_order(rows: Rows) -> Iterator[Question]:
    """Ask whether an amount that is the same on every line of an order belongs to the order."""
    for amount in rows.amounts:
        for order in order_columns(rows):
            question = _same_amount(rows, amount, order)
            if question:
                yield question
                return


def _same_amount(rows: Rows, amount: Column, order: Column) -> Question | None:
    number = number_sql(amount)
    several, same, row_count, plain, once, example, lines, each = rows.select(
        "select count(*) filter (n > 1), count(*) filter (n > 1 and is_same),"
        " sum(n) filter (n > 1), sum(total), sum(case when is_same then least_one else total end),"
        " arg_max(id, n) filter (is_same), max(n) filter (is_same),"
        " arg_max(least_one, n) filter (is_same) from ("
        "select id, count(*) as n, sum(number) as total,"
        " min(number) as least_one, count(number) = count(*)"
        " and min(number) = max(number) and min(number) <> 0 as is_same from ("
        f"select {cell(order)} as id, {number} as number"
        f" from used_rows where is_sale and {cell(order)} <> '') group by id)"
    )[0]
    if several < FEWEST_ORDERS or same < CLEAR * several:
        return None
    if row_count < FEWEST_ROWS * rows.table.rows or not varying_columns(rows, order):
        return None
    by_chance = rows.select(
        "select sum(share * share) from (select count(*) / sum(count(*)) over () as share"
        f" from (select {number} as number from used_rows) where number is not null"
        " group by number)"
    )[0][0]
    if by_chance > COMMON_AMOUNTS:
        return None
    column = (*AT, "columns")
    return Question(
        f"'{amount.name}' is the same amount on every line of an order in {same:,} of {several:,} "
        f"orders ('{order.name}') with several lines, such as {money(each)} on each of the "
        f"{lines:,} lines of {example}: is it the amount of the whole order? The sum of all lines "
        f"is {money(plain)}; counted once per order, it is {money(once)}.",
        (
            Answer(
                f"it is the amount of the whole order: {money(once)}",
                (
                    ((*column, "amount"), {"column": amount.name, "once_per": "order"}),
                    *order_setting(rows, order),
                ),
            ),
            Answer(
                f"each line has its own amount: {money(plain)}",
                (
                    ((*column, "amount"), {"column": amount.name, "once_per": "row"}),
                    ((*AT, "accepted"), ["same_amount_per_order"]),
                ),
            ),
        ),
        AT,
        "same_amount_per_order",
        int(row_count),
    )


def summary_rows(rows: Rows) -> Iterator[Question]:
    """Ask about rows of an order whose amount is the sum of its other rows."""
    for order in order_columns(rows):
        rows.change(
            "create or replace temp table summed as select *,"
            f" count(*) over own as n, 2 * max(money) over own - sum(money) over own as rest,"
            f" money = max(money) over own as is_largest from used_rows"
            f" where is_sale and {cell(order)} <> '' and money is not null"
            f" window own as (partition by {cell(order)})"
        )
        several, summed = rows.select(
            f"select count(distinct {cell(order)}) filter (n > 2), count(distinct {cell(order)})"
            f" filter (n > 2 and abs(rest) < {CENT}) from summed"
        )[0]
        if summed < FEWEST_ORDERS - 1 or summed < CLEAR * several:
            continue
        found = _what_marks_summaries(rows)
        if not found:
            continue
        column, value = found
        marked = f"{cell(column)} = {literal(value)}"
        count = rows.count(f"is_sale and money is not null and {marked}")
        total, rest = rows.total(), rows.total(f"not ({marked})")
        example = rows.select(f"select min({cell(order)}) from summed where n > 2 and {marked}")[0][
            0
        ]
        rule = f"no '{column.name}'" if not value else f"'{column.name}' {value}"
        yield Question(
            f"{rows_word(count)} with {rule} are summary rows: an order of several lines, such "
            f"as {example}, has one with the sum of the others. The sum of all rows is "
            f"{money(total)}, without them {money(rest)}. Should they be left out?",
            (
                leave_out(column, [value], "summary_row", f"leave them out: {money(rest)}"),
                accepted("summary_rows", f"every row counts: {money(total)}"),
            ),
            AT,
            "summary_rows",
            count,
        )
        return


def _what_marks_summaries(rows: Rows) -> tuple[Column, str] | None:
    """Find the column and value that summary rows have and the rows that they add up do not."""
    best = None
    for column in rows.table.columns:
        if column.name in rows.used or column in rows.amounts:
            continue
        text = cell(column)
        values, value = rows.select(
            f"select count(distinct {text}), min({text}) from summed"
            f" where n > 2 and abs(rest) < {CENT} and is_largest"
        )[0]
        if values != 1:
            continue
        others = rows.select(
            f"select count(*) from summed where n > 2 and abs(rest) < {CENT}"
            f" and not is_largest and {text} = {literal(value)}"
        )[0][0]
        if not others and (value == "" or column.distinct <= FEW_VALUES):
            score = (value == "", name_score(column.name, "product"))
            if best is None or score > best[0]:
                best = (score, column, value)
    return best and (best[1], best[2])
