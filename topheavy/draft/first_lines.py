"""Detect values that are given only on the first line of an order or group."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from topheavy.draft.columns import Column
from topheavy.draft.interaction_rows import (
    AT,
    CENT,
    CLEAR,
    Rows,
    accepted,
    cell,
    cell_places,
    leave_out,
    literals,
    money,
    rows_word,
)
from topheavy.draft.orders import FEWEST_ORDERS, FEWEST_ROWS, order_setting
from topheavy.draft.questions import Answer, Question
from topheavy.draft.roles import MOSTLY, is_short_list
from topheavy.mapping.name_hints import (
    CANCELLED_WORDS,
    RETURNED_WORDS,
    name_score,
    normalized,
)

# At least this share of the rows without a field must have it on the first line of their order. It
# is below 1 because some rows are left out.
MOST_BELOW = 0.75


def first_line_fields(rows: Rows) -> Iterator[Question]:
    """Ask about fields, such as a status, that are on the first line of an order and
    blank below.
    """
    fields = [column for column in _fields_of_orders(rows) if column.name not in rows.filled]
    groups: dict[str, tuple[Column, list[Column]]] = {}
    for column in fields:
        order = _order_of_first_lines(rows, column)
        if order:
            groups.setdefault(order.name, (order, []))[1].append(column)
    for order, columns in groups.values():
        yield _first_line_question(rows, order, columns)


def _fields_of_orders(rows: Rows) -> list[Column]:
    """Return the columns with a role or a status that are blank in some rows."""
    wanted = [
        column
        for role, column in rows.roles.items()
        if role in ("customer", "time", "date", "payment_method", "interaction_type")
    ]
    wanted += [
        column
        for column in rows.table.columns
        if is_short_list(column) and column not in wanted and _states(column)
    ]
    least = FEWEST_ROWS * rows.table.rows
    return [
        column for column in wanted if least < rows.table.rows - column.filled and column.filled
    ]


def order_amounts_once(rows: Rows) -> Iterator[Question]:
    """Ask about an amount that is on the first line of an order and blank on the lines below."""
    if len({amount.filled for amount in rows.amounts}) > 1:
        return  # another question asks first which column is the amount
    for amount in rows.amounts[:1]:
        blank = rows.table.rows - amount.filled
        order = _order_of_first_lines(rows, amount) if amount.name not in rows.used else None
        if not order or blank < FEWEST_ROWS * rows.table.rows:
            continue
        total = rows.total()
        yield Question(
            f"'{amount.name}' is only on the first line of an order ('{order.name}') and blank on "
            f"{blank:,} lines below: is it the amount of the whole order, {money(total)} in all? "
            "If so, the lines below have no revenue, and figures by product cover first lines.",
            (
                leave_out(amount, [""], "line_of_an_order", f"it is the order's: {money(total)}"),
                accepted(
                    "order_amounts_once", "amounts are missing on the lines below: reject them"
                ),
            ),
            AT,
            "order_amounts_once",
            blank,
        )
        return


def _states(column: Column) -> list[str]:
    """Return the values that mean that an order was cancelled or returned."""
    words = (*CANCELLED_WORDS, *RETURNED_WORDS)
    return [text for text, _ in column.top_values if normalized(text) in words]


def _order_of_first_lines(rows: Rows, field: Column) -> Column | None:
    """Return a column whose values each have the field in their first row and lack it in others."""
    for order in rows.table.columns:
        alike = abs(order.distinct - field.filled) <= 0.02 * field.filled
        if order is field or not alike or order.filled < CLEAR * rows.table.rows:
            continue
        blank, below = rows.select(
            f"select count(*) filter ({cell(field)} = ''),"
            f" count(*) filter ({cell(field)} = '' and first_field <> '') from (select *,"
            f" first_value({cell(field)}) over (partition by {cell(order)} order by place)"
            f" as first_field from used_rows where {cell(order)} <> '')"
        )[0]
        if below >= max(FEWEST_ORDERS, MOST_BELOW * blank):
            return order
    return None


def _first_line_question(rows: Rows, order: Column, columns: Sequence[Column]) -> Question:
    names = " and ".join(f"'{column.name}'" for column in columns)
    field = columns[0]
    example = rows.select(
        f"select min({cell(order)}) from used_rows where {cell(field)} = '' and {cell(order)} <> ''"
    )[0][0]
    below = rows.total(f"{cell(field)} = ''")
    text = (
        f"{names} {'is' if len(columns) == 1 else 'are'} only on the first line of an order "
        f"('{order.name}') and blank on the lines below, such as those of {example}: do these "
        "lines have the value of the first? They account for "
        f"{money(below)} of {money(rows.total())}."
    )
    for column in columns:
        states = _states(column)
        inside = f"{cell(column)} in {literals(states)}" if states else "false"
        first = rows.total(inside)
        whole = rows.total(f"{cell(order)} in (select {cell(order)} from used_rows where {inside})")
        if abs(whole - first) > CENT:
            text += (
                f" Leaving out {' and '.join(states)} takes {money(first)} without that, "
                f"{money(whole)} with whole orders."
            )
    return Question(
        text,
        (
            Answer(
                "the lines below belong to the first",
                (
                    ((*AT, "fill_down"), [column.name for column in columns]),
                    *order_setting(rows, order),
                ),
            ),
            accepted("first_line_fields", "blank means that there is none"),
        ),
        AT,
        "first_line_fields",
        rows.count(f"{cell(field)} = ''"),
    )


def continuation_lines(rows: Rows) -> Iterator[Question]:
    """Ask about lines with an amount that lack the date and other fields of the order
    above them.
    """
    time = rows.time
    if not time:
        return
    without = f"money is not null and {cell(time)} = ''"
    count = rows.count(without)
    if not FEWEST_ROWS * rows.table.rows < count < CLEAR * rows.table.rows:
        return
    blank = [
        column
        for column in rows.table.columns
        if column is not time
        and column.filled
        and rows.count(f"{without} and {cell(column)} <> ''") <= (1 - CLEAR) * count
        and rows.count(f"money is not null and {cell(time)} <> '' and {cell(column)} = ''")
        <= (1 - CLEAR) * count
    ]
    roles = [column for role, column in rows.roles.items() if column in blank or column is time]
    orders = [column for column in blank if name_score(column.name, "order")]
    if len({column.name for column in (*roles, *orders)}) < 2 or _is_first(rows, without):
        return
    order = rows.roles.get("order") or (orders[0] if orders else None)
    filled = list(dict.fromkeys([*([order] if order in blank else []), *roles]))
    names = ", ".join(f"'{column.name}'" for column in filled if column)
    columns = [column.name for column in filled if column]
    text = (
        f"{rows_word(count)} with an amount lack {names}: do these lines continue the order in the "
        f"row above? They account for {money(rows.total(without))} of {money(rows.total())}; "
        "unless you answer, they are rejected."
    )
    setting = order_setting(rows, order) if order and order in blank else ()
    yield Question(
        text,
        (
            Answer(
                f"they continue the row above: {money(rows.total())}",
                (((*AT, "fill_down"), columns), *setting),
            ),
            leave_out(time, [""], "without_date", "they are not sales: leave them out"),
        ),
        AT,
        "continuation_lines",
        count,
    )


def _is_first(rows: Rows, condition: str) -> bool:
    """Return whether the first row with an amount meets a condition, so that no row is above it."""
    query = f"select {condition} from used_rows where money is not null order by place limit 1"
    return bool(rows.select(query)[0][0])


def heading_rows(rows: Rows) -> Iterator[Question]:
    """Ask about rows with a single cell that names, for example, the customer of the rows below."""
    cells = " + ".join(f"(c{place} <> '')::int" for place in cell_places(rows))
    filled = " ".join(f"when c{place} <> '' then {place}" for place in cell_places(rows))
    texts = ", ".join(f"c{place}" for place in cell_places(rows))
    single = rows.select(
        "select cell, count(*), count(distinct text), min_by(text, place) from (select place,"
        f" case {filled} end as cell, concat({texts}) as text from used_rows where {cells} = 1)"
        " group by cell order by cell"
    )
    for place, count, values, example in single:
        if count < 2 or values < count * MOSTLY:
            continue
        if rows.count(f"money is not null and c{place} = ''") < count:
            continue
        alone = f"c{place} <> '' and {cells} = 1"
        # Most headings have an amount below them; a single cell at the end is a footer.
        above = rows.select(
            "select count(*) filter (following is not null) from (select *, lead(money) over"
            f" (order by place) as following from used_rows) where {alone}"
        )[0][0]
        if above < MOSTLY * count:
            continue
        column = next((item for item in rows.table.columns if item.place == place), None)
        if column and column.name in rows.used | rows.filled:
            continue
        where = f"'{column.name}'" if column else "a column without a name"
        answers: tuple[Answer, ...] = (accepted("heading_rows", "they are not needed"),)
        if column:
            settings = (
                ((*AT, "columns", "customer"), column.name),
                ((*AT, "fill_down"), [{"column": column.name, "within": "file"}]),
            )
            answers = (Answer("they name the customer of the rows below", settings), *answers)
        yield Question(
            f"{rows_word(count)} contain nothing but {where}, such as {example}, like headings "
            "above the rows with amounts, in which it is blank: do they name the customer? "
            + ("" if column else "To map it, give the column a name in the file's header."),
            answers,
            AT,
            "heading_rows",
            count,
        )
        return
