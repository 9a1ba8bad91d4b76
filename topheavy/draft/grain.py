"""What one amount belongs to: a row, or the order that the row is a line of."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence

from topheavy.draft.ambiguities import (
    AT,
    CENT,
    CLEAR,
    Detector,
    Rows,
    accepted,
    cell,
    leave_out,
    literal,
    literals,
    money,
    rows_word,
)
from topheavy.draft.amounts import number_sql
from topheavy.draft.profiles import Column
from topheavy.draft.questions import Answer, Question
from topheavy.draft.roles import FEW_VALUES, MOSTLY, NEARLY_ALL, is_short_list
from topheavy.mapping.name_hints import (
    CANCELLED_WORDS,
    ID_WORDS,
    RETURNED_WORDS,
    STATE_HEADERS,
    has_word,
    name_score,
    normalized,
    sounds_like,
)

# So many orders must show a pattern, and so large a part of the rows.
FEWEST_ORDERS = 3
FEWEST_ROWS = 0.02
# So many of the rows without a field have it on their order's first line; some are left out.
MOST_BELOW = 0.75
# Where amounts repeat as often as this by chance, equal ones in an order say nothing.
COMMON_AMOUNTS = 0.5


def order_columns(rows: Rows) -> list[Column]:
    """The columns that may tell orders from each other, the likeliest first."""
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


def _varying(rows: Rows, order: Column) -> list[Column]:
    """The columns whose values differ within most orders of several lines: those of lines."""
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
        f"select {differ} from (select {each} from looked_at where {cell(order)} <> ''"
        f" group by {cell(order)} having count(*) > 1)"
    )[0]
    return [other for other, share in zip(others, shares, strict=True) if (share or 0) > 0.3]


def same_amount_per_order(rows: Rows) -> Iterator[Question]:
    """The same amount on every line of an order: it is the order's, not the line's."""
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
        f"select {cell(order)} as id, count(*) as n, sum({number}) as total,"
        f" min({number}) as least_one, count({number}) = count(*)"
        f" and min({number}) = max({number}) and min({number}) <> 0 as is_same"
        f" from looked_at where is_sale and {cell(order)} <> '' group by all)"
    )[0]
    if several < FEWEST_ORDERS or same < CLEAR * several:
        return None
    if row_count < FEWEST_ROWS * rows.table.rows or not _varying(rows, order):
        return None
    by_chance = rows.select(
        "select sum(share * share) from (select count(*) / sum(count(*)) over () as share"
        f" from looked_at where {number} is not null group by {number})"
    )[0][0]
    if by_chance > COMMON_AMOUNTS:
        return None
    column = (*AT, "columns")
    return Question(
        f"'{amount.name}' is the same amount on every line of an order in {same:,} of {several:,} "
        f"orders ('{order.name}') with several lines, such as {money(each)} on each of the "
        f"{lines:,} lines of {example}: is it the whole order's? Added up as it stands it is "
        f"{money(plain)}, once per order {money(once)}.",
        (
            Answer(
                f"the amount is the whole order's: {money(once)}",
                (
                    ((*column, "amount"), {"column": amount.name, "once_per": "order"}),
                    *_order_setting(rows, order),
                ),
            ),
            Answer(
                f"each line has its own: {money(plain)}",
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


def _order_setting(rows: Rows, order: Column) -> tuple[tuple[tuple[str, ...], str], ...]:
    """The order's column as a setting, where the mapping has not this one."""
    if rows.roles.get("order") is order:
        return ()
    return (((*AT, "columns", "order"), order.name),)


def repeated_orders(rows: Rows) -> Iterator[Question]:
    """An id that is almost unique, and some rows that repeat it and all else but a time."""
    for order in order_columns(rows):
        several, same, more, plain, once, example = rows.select(
            "select count(*) filter (n > 1), count(*) filter (n > 1 and is_same),"
            " sum(n - 1) filter (is_same), sum(total),"
            " sum(case when n > 1 and is_same then least_one else total end),"
            " min(id) filter (n > 1 and is_same) from ("
            f"select {cell(order)} as id, count(*) as n, sum(money) as total,"
            " min(money) as least_one, count(money) = count(*) and min(money) = max(money)"
            f" as is_same from looked_at where is_sale and {cell(order)} <> '' group by all)"
        )[0]
        if not several or same < CLEAR * several or order.distinct < MOSTLY * order.filled:
            continue
        if _varying(rows, order) or abs(plain - once) < CENT:
            continue
        time = rows.time
        stamps = f"; {_stamps(rows, order, time, example)}" if time else ""
        yield Question(
            f"'{order.name}' {example} is repeated{stamps}: {same:,} such ids have the same amount "
            f"in {rows_word(int(more))} more: is that one order or transaction? Added up as it "
            f"stands it is {money(plain)}, each of them once {money(once)}.",
            (
                Answer(
                    f"each counts once: {money(once)}",
                    ((("duplicates",), {"by": "order"}), *_order_setting(rows, order)),
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
    """Orders of which every line comes as often as the others, twice or more: sent again."""
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
        f" from looked_at where is_sale and {cell(order)} <> '' group by {cell(order)}, {of_line})"
        " group by id) where fewest = most and fewest > 1 and (lines > 1 or stamps > 1)"
    )[0]
    if count < FEWEST_ORDERS - 1:
        return None
    columns = {role: rows.roles.get(role) or rows.amounts[0] for role in roles}
    key = ", ".join(cell(column) for column in (order, *columns.values()))
    plain = rows.total()
    once = rows.select(
        "select coalesce(sum(money), 0) from (select min(money) as money from looked_at"
        f" where is_sale group by {key})"
    )[0][0]
    stamps = f"; {_stamps(rows, order, rows.time, example)}" if rows.time else ""
    return Question(
        f"{count:,} orders ('{order.name}') come twice or more with all of their lines, such as "
        f"{example}{stamps}: is each of them one order? Added up as it stands it is "
        f"{money(plain)}, each line of an order once {money(once)}.",
        (
            Answer(
                f"each line of an order counts once: {money(once)}",
                ((("duplicates",), {"by": ["order", *roles]}), *_order_setting(rows, order)),
            ),
            accepted("repeated_orders", f"every row counts: {money(plain)}"),
        ),
        AT,
        "repeated_orders",
        int(more),
    )


def _line_columns(rows: Rows, order: Column) -> list[Column]:
    """The columns that tell the lines of an order from each other: no times, no ids of rows."""
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
        f"select list(distinct {cell(time)} order by {cell(time)}) from looked_at"
        f" where {cell(order)} = {literal(example)}"
    )[0][0]
    if len(found) == 1:
        return f"its rows are all of {found[0]}"
    return f"its rows are of {found[0]} and {found[-1]}"


def repeated_rows(rows: Rows) -> Iterator[Question]:
    """Rows that stand in several files, as where the months of exports overlap."""
    paths = [path for path in rows.table.paths if rows.table.rows_by_file.get(path)]
    if len(paths) < 2:
        return
    ends = itertools.accumulate(rows.table.rows_by_file[path] for path in paths)
    file = " ".join(f"when place < {end} then {number}" for number, end in enumerate(ends))
    cells = ", ".join(f"c{place}" for place in _places(rows))
    more, first, second = rows.select(
        "select coalesce(sum(n - 1), 0), min_by(first, place), min_by(last, place) from ("
        f"select count(*) as n, min(file) as first, max(file) as last, min(place) as place"
        f" from (select *, case {file} end as file from looked_at where is_sale) group by {cells})"
        " where first < last"
    )[0]
    smallest = min(rows.table.rows_by_file[path] for path in paths)
    if more < max(FEWEST_ORDERS, FEWEST_ROWS * smallest):
        return
    plain = rows.total()
    once = rows.select(
        "select coalesce(sum(money), 0) from (select any_value(money) as money from looked_at"
        f" where is_sale group by {cells})"
    )[0][0]
    if abs(plain - once) < CENT:
        return
    yield Question(
        f"{rows_word(int(more))} of one file stand in another file too, such as in "
        f"{paths[first].name} and {paths[second].name}, as where exports overlap: do rows that are "
        f"the same count once? As they stand they are {money(plain)}, each once {money(once)}.",
        (
            Answer(f"each counts once: {money(once)}", ((("duplicates",), "drop"),)),
            accepted("repeated_rows", f"every row counts: {money(plain)}"),
        ),
        AT,
        "repeated_rows",
        int(more),
    )


# ---- fields of an order that only its first line has -----------------------------------------


def first_line_fields(rows: Rows) -> Iterator[Question]:
    """Fields such as a status that stand on the first line of an order, and are blank below."""
    fields = [column for column in _fields_of_orders(rows) if column.name not in rows.filled]
    groups: dict[str, tuple[Column, list[Column]]] = {}
    for column in fields:
        order = _order_of_first_lines(rows, column)
        if order:
            groups.setdefault(order.name, (order, []))[1].append(column)
    for order, columns in groups.values():
        yield _first_line_question(rows, order, columns)


def _fields_of_orders(rows: Rows) -> list[Column]:
    """The columns with a role, and those that say a status, that are blank in some rows."""
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
    """An amount on the first line of an order only: the lines below it have none."""
    if len({amount.filled for amount in rows.amounts}) > 1:
        return  # which of them is the amount is asked first
    for amount in rows.amounts[:1]:
        blank = rows.table.rows - amount.filled
        order = _order_of_first_lines(rows, amount) if amount.name not in rows.used else None
        if not order or blank < FEWEST_ROWS * rows.table.rows:
            continue
        total = rows.total()
        yield Question(
            f"'{amount.name}' stands on the first line of an order ('{order.name}') only, and is "
            f"blank on {blank:,} lines below: is it the whole order's, {money(total)} in all? Then "
            "the lines below bring nothing, and figures by product are those of the first lines.",
            (
                leave_out(amount, [""], "line_of_an_order", f"it is the order's: {money(total)}"),
                accepted("order_amounts_once", "the lines below lack their amounts: reject them"),
            ),
            AT,
            "order_amounts_once",
            blank,
        )
        return


def _states(column: Column) -> list[str]:
    """The values that say that an order is cancelled or was returned."""
    words = (*CANCELLED_WORDS, *RETURNED_WORDS)
    return [text for text, _ in column.top_values if normalized(text) in words]


def _order_of_first_lines(rows: Rows, field: Column) -> Column | None:
    """The column of which every value has one row with the field, the first, and others without."""
    for order in rows.table.columns:
        alike = abs(order.distinct - field.filled) <= 0.02 * field.filled
        if order is field or not alike or order.filled < CLEAR * rows.table.rows:
            continue
        blank, below = rows.select(
            f"select count(*) filter ({cell(field)} = ''),"
            f" count(*) filter ({cell(field)} = '' and first_field <> '') from (select *,"
            f" first_value({cell(field)}) over (partition by {cell(order)} order by place)"
            f" as first_field from looked_at where {cell(order)} <> '')"
        )[0]
        if below >= max(FEWEST_ORDERS, MOST_BELOW * blank):
            return order
    return None


def _first_line_question(rows: Rows, order: Column, columns: Sequence[Column]) -> Question:
    names = " and ".join(f"'{column.name}'" for column in columns)
    field = columns[0]
    example = rows.select(
        f"select min({cell(order)}) from looked_at where {cell(field)} = '' and {cell(order)} <> ''"
    )[0][0]
    below = rows.total(f"{cell(field)} = ''")
    text = (
        f"{names} {'stands' if len(columns) == 1 else 'stand'} on the first line of an order "
        f"('{order.name}') only and {'is' if len(columns) == 1 else 'are'} blank on the lines "
        f"below, such as those of {example}: do these lines have the value of the first? They "
        f"bring {money(below)} of {money(rows.total())}."
    )
    for column in columns:
        states = _states(column)
        inside = f"{cell(column)} in {literals(states)}" if states else "false"
        first = rows.total(inside)
        whole = rows.total(f"{cell(order)} in (select {cell(order)} from looked_at where {inside})")
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
                    *_order_setting(rows, order),
                ),
            ),
            accepted("first_line_fields", "blank means that there is none"),
        ),
        AT,
        "first_line_fields",
        rows.count(f"{cell(field)} = ''"),
    )


def continuation_lines(rows: Rows) -> Iterator[Question]:
    """Lines with an amount that lack the date and what else names the order above them."""
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
        f"row above? They bring {money(rows.total(without))} of {money(rows.total())}; left as "
        "they are, they are rejected."
    )
    setting = _order_setting(rows, order) if order and order in blank else ()
    yield Question(
        text,
        (
            Answer(
                f"they continue the row above: {money(rows.total())}",
                (((*AT, "fill_down"), columns), *setting),
            ),
            leave_out(time, [""], "without_date", "they are no sales: leave them out"),
        ),
        AT,
        "continuation_lines",
        count,
    )


def _is_first(rows: Rows, condition: str) -> bool:
    """Whether the first row with an amount meets a condition: nothing is above it."""
    query = f"select {condition} from looked_at where money is not null order by place limit 1"
    return bool(rows.select(query)[0][0])


def heading_rows(rows: Rows) -> Iterator[Question]:
    """Rows with one cell that names what the rows below are of, such as a customer."""
    cells = " + ".join(f"(c{place} <> '')::int" for place in _places(rows))
    for place in _places(rows):
        alone = f"c{place} <> '' and {cells} = 1"
        count, values, example = rows.select(
            f"select count(*), count(distinct c{place}), min_by(c{place}, place) from looked_at"
            f" where {alone}"
        )[0]
        inside = rows.count(f"money is not null and c{place} = ''")
        if count < 2 or values < count * MOSTLY or inside < count:
            continue
        # Below most headings stands an amount; what stands alone at the end is a footer.
        above = rows.select(
            "select count(*) filter (following is not null) from (select *, lead(money) over"
            f" (order by place) as following from looked_at) where {alone}"
        )[0][0]
        if above < MOSTLY * count:
            continue
        column = next((item for item in rows.table.columns if item.place == place), None)
        if column and column.name in rows.used | rows.filled:
            continue
        where = f"'{column.name}'" if column else "a column without a name"
        answers: tuple[Answer, ...] = (accepted("heading_rows", "they say nothing that is needed"),)
        if column:
            settings = (
                ((*AT, "columns", "customer"), column.name),
                ((*AT, "fill_down"), [{"column": column.name, "within": "file"}]),
            )
            answers = (Answer("they name the customer of the rows below", settings), *answers)
        yield Question(
            f"{rows_word(count)} have nothing but {where}, such as {example}, as headings above "
            "the rows with amounts, where it is blank: who or what is named there, the customer? "
            + ("" if column else "To map it, give the column a name in the file's header."),
            answers,
            AT,
            "heading_rows",
            count,
        )
        return


def _places(rows: Rows) -> range:
    return range(len(rows.table.layout.header))


# ---- rows that add up an order ---------------------------------------------------------------


def summary_rows(rows: Rows) -> Iterator[Question]:
    """A row of an order whose amount is the sum of its other rows."""
    for order in order_columns(rows):
        rows.database.execute(
            "create or replace temp table summed as select *,"
            f" count(*) over own as n, 2 * max(money) over own - sum(money) over own as rest,"
            f" money = max(money) over own as is_largest from looked_at"
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
        said = f"no '{column.name}'" if not value else f"'{column.name}' {value}"
        yield Question(
            f"{rows_word(count)} with {said} are summary rows: an order of several lines, such as "
            f"{example}, has one with the sum of the others. Added up as it stands it is "
            f"{money(total)}, without them {money(rest)}. Are they to be left out?",
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
    """The column and value that summary rows have, and the rows that they add up have not."""
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


GRAIN: dict[str, Detector] = {
    "same_amount_per_order": same_amount_per_order,
    "repeated_orders": repeated_orders,
    "repeated_rows": repeated_rows,
    "order_amounts_once": order_amounts_once,
    "first_line_fields": first_line_fields,
    "continuation_lines": continuation_lines,
    "summary_rows": summary_rows,
}
