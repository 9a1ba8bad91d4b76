"""Detect values that can be read in two ways: currencies, number formats, dates, ids.

Usage:
    from topheavy.draft.values import currencies
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from topheavy.draft.columns import Column, amount_sql
from topheavy.draft.interaction_rows import (
    AT,
    CENT,
    Rows,
    accepted,
    cell,
    leave_out,
    money,
    rows_word,
)
from topheavy.draft.profiles import Table
from topheavy.draft.questions import Answer, Question
from topheavy.mapping.currencies import currency_column, is_currency_header, known_codes
from topheavy.mapping.macro_sql import Macros
from topheavy.mapping.name_hints import normalized

CURRENCIES_SHOWN = 5
CONVERSIONS = (
    *("currency conversion", "wahrungsumrechnung", "conversion de devise", "currency exchange"),
    *("conversion de divisas", "conversion de moneda", "conversao de moeda", "conversione valuta"),
    *("conversione di valuta", "valutaconversie", "fx conversion", "conversion"),
)
THREE_DIGITS = r"(^|[^0-9.,])[1-9][0-9]{{0,2}}[{mark}][0-9]{{3}}([^0-9.,]|$)"
SCIENTIFIC = "^[0-9](?:[.,][0-9]+)?[Ee][+][0-9]{1,2}$"


# ---- currencies ------------------------------------------------------------------------------


def currencies(rows: Rows) -> Iterator[Question]:
    """Ask about amounts in several currencies, found by a column or by their signs and codes."""
    for column, code in _currency_columns(rows):
        by_code = _totals(rows, code)
        if len(by_code) > 1:
            yield _currency_question(rows, column, by_code)
            return


def _currency_columns(rows: Rows) -> Iterator[tuple[Column | None, str]]:
    """Return where the currency of a row may be, with the SQL of its code."""
    column = _column_of_codes(rows, rows.table)
    if column:
        yield column, _code(cell(column))
    of_order = _column_of_codes(rows, rows.orders.table) if rows.orders else None
    if rows.orders and of_order:
        yield of_order, rows.orders.of_line(_code(f"ordered.{cell(of_order)}"))
    for amount in rows.amounts[:1]:
        yield None, Macros({}).sql("currency_of_amount", cell(amount), "interactions")


def _column_of_codes(rows: Rows, table: Table) -> Column | None:
    """Return the column of a table that has the currencies of the amounts."""
    found = {column.name: column for column in table.columns if _has_codes(column)}
    amount = rows.amounts[0].name if rows.amounts else ""
    name = currency_column(found, amount)
    return found[name] if name else None


def _code(text: str) -> str:
    """Return the SQL of the currency code that a text names."""
    return Macros({}).sql("named_currency", text)


def stated_currency(rows: Rows) -> tuple[str, str] | None:
    """Return the single currency of all amounts as far as the export says, and where it says so."""
    for column, code in _currency_columns(rows):
        by_code = _totals(rows, code)
        if by_code:
            where = f"'{column.name}'" if column else f"{rows.money_name}"
            reason = f"{where} says so in {rows_word(by_code[0][1])}"
            return (by_code[0][0], reason) if len(by_code) == 1 else None
    for amount in rows.amounts[:1]:
        words = re.findall(r"[A-Z]{3}|[€£₹]", amount.name)
        codes = [Macros({}).value("currency_spellings").get(word.lower()) for word in words]
        for code in filter(None, codes):
            return str(code), f"'{amount.name}' says so"
    return None


def _has_codes(column: Column) -> bool:
    """Return whether a column contains only currencies, or is named as one."""
    spellings = Macros({}).value("currency_spellings")
    texts = [re.sub(r"[^\w$€£¥₹]|[\d_]", "", text).lower() for text, _ in column.top_values]
    known = sum(text in spellings for text in texts)
    return known == len(texts) > 0 or bool(is_currency_header(column.name) and known > 0)


def _totals(rows: Rows, code: str) -> list[tuple[str, int, float]]:
    """Return the rows and the money of each currency, the one with the most rows first."""
    query = (
        f"select code, count(*), coalesce(sum(money), 0) from (select {code} as code, money"
        " from used_rows where is_sale and money is not null) where code is not null"
        " group by code order by count(*) desc, code"
    )
    return [
        (str(code), int(count), float(total))
        for code, count, total in rows.select(query)
        if code in known_codes()
    ]


def _currency_question(
    rows: Rows, column: Column | None, by_code: list[tuple[str, int, float]]
) -> Question:
    parts = ", ".join(
        f"{code} ({rows_word(count)}, {money(total)})"
        for code, count, total in by_code[:CURRENCIES_SHOWN]
    )
    where = f"'{column.name}' says" if column else "their signs and codes say"
    named = {"column": column.name} if column else {}
    if rows.orders and column in rows.orders.table.columns:
        named["from"] = "orders"
    added = sum(total for _, _, total in by_code)
    answers = [
        Answer(
            f"only {code}, {money(total)}: rows in other currencies are left out",
            ((("currency",), {**named, "into": code}),),
        )
        for code, _, total in by_code[:CURRENCIES_SHOWN]
    ]
    into = by_code[0][0]
    answers.append(
        Answer(
            f"all, converted into {into} by the rates of a file",
            ((("currency",), {**named, "rates": "rates.csv", "into": into}),),
        )
    )
    if column:
        words = f"{rows.money_name} is in {into} in every row: {money(added)}"
        answers.append(Answer(words, ((("currency",), {"into": into}),)))
    return Question(
        f"the amounts are in {len(by_code)} currencies, as {where}: {parts}. As one "
        f"currency, their sum would be {money(added)}. Which currency counts?",
        tuple(answers),
        (),
        "currencies",
        sum(count for _, count, _ in by_code[1:]),
    )


def conversion_rows(rows: Rows) -> Iterator[Question]:
    """Ask about rows that convert money between currencies, which are not sales."""
    for column in rows.table.columns:
        values = [
            text
            for text, _ in column.top_values
            if any(word in normalized(text) for word in CONVERSIONS)
            and len(normalized(text).split()) <= 6
        ]
        if not values or column.name in rows.used or column.numbers > 0:
            continue
        texts = ", ".join("'" + text.replace("'", "''") + "'" for text in values)
        condition = f"{cell(column)} in ({texts})"
        count, total = rows.count(condition), rows.total(condition)
        if not count or (abs(total) < CENT and not rows.amounts):
            continue
        yield Question(
            f"'{column.name}' is {' or '.join(values)} in {rows_word(count)}: these rows convert "
            f"money from one currency into another and repeat a sale ({money(total)} in all). "
            "Should they be left out?",
            (
                leave_out(column, values, "currency_conversion", "leave them out"),
                accepted("conversion_rows", "they are sales"),
            ),
            AT,
            "conversion_rows",
            count,
        )
        return


# ---- numbers ---------------------------------------------------------------------------------


def number_formats(rows: Rows) -> Iterator[Question]:
    """Ask about two number formats in one column: 1.250 among 1,234.50, or points among commas."""
    for column in rows.amounts[:1]:
        mark = column.mark
        name, other_mark = {".": ("point", ","), ",": ("comma", ".")}[mark]
        marks = column.marks
        ours = marks["points" if mark == "." else "commas"]
        others = marks["commas" if mark == "." else "points"]
        three = marks["either_points" if mark == "." else "either_commas"]
        has_long = marks["long_points" if mark == "." else "long_commas"]
        pattern = THREE_DIGITS.format(mark=mark)
        if others and ours:
            pattern = rf"[{other_mark}][0-9]{{1,2}}([^0-9]|$)"
            text = f"{ours:,} have a decimal {name}, {others:,} the other mark"
        elif 0 < three < ours and not has_long:
            text = f"{three:,} have three digits behind the {name}, {ours:,} one or two"
        else:
            continue
        examples = rows.select(
            f"select {cell(column)} from used_rows where regexp_matches({cell(column)},"
            f" '{pattern}') order by place limit 1"
        )
        example = f" such as '{examples[0][0]}'" if examples else ""
        sums = ", ".join(f"sum({amount_sql(cell(column), read)})" for read in (mark, "either"))
        one, each = rows.select(f"select {sums} from used_rows where is_sale")[0]
        yield Question(
            f"numbers of '{column.name}' are in two formats: {text},{example}. Should each be "
            "read by itself, with three digits after its only mark as thousands, or are these "
            "decimals?",
            (
                Answer(
                    f"each by itself, three digits are thousands: {money(each or 0)}",
                    (((*AT, "decimal"), "either"),),
                ),
                accepted("number_formats", f"one format, with a decimal {name}: {money(one or 0)}"),
            ),
            AT,
            "number_formats",
            others or three,
        )
