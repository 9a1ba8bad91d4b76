"""Detect rows that reduce revenue: returns, cancelled orders, refunds, fees and payouts."""

from __future__ import annotations

from collections.abc import Iterator

from topheavy.draft.amounts import number_sql
from topheavy.draft.columns import Column
from topheavy.draft.interaction_rows import (
    AT,
    Rows,
    accepted,
    cell,
    leave_out,
    literals,
    money,
    rows_word,
    subtract,
)
from topheavy.draft.questions import Answer, Question
from topheavy.draft.roles import MOSTLY, RARE, is_short_list
from topheavy.mapping.name_hints import (
    CANCELLED_WORDS,
    FEE_WORDS,
    LOOKING_WORDS,
    RETURNED_WORDS,
    STATE_HEADERS,
    has_word,
    normalized,
    sounds_like,
)
from topheavy.mapping.sources import literal

# A yes-or-no column has at most this many distinct values.
FLAG_VALUES = 4
# Headers of columns that describe what an amount is, and how many of their values are shown.
FEE_HEADERS = (
    *("type", "typ", "art", "tipo", "kind", "soort", "description", "event", "reason", "vorgang"),
    *("transaction", "buchungsart", "buchungstext", "belegart", "beschreibung", "descripcion"),
    *("libelle", "descrizione", "descricao", "omschrijving", "details", "memo", "category"),
)
VALUES_SHOWN = 4
# Shorter words for returns occur in other words by chance.
LONG_WORD = 4
NOT_WORDS = (
    "not",
    "no",
    "non",
    "never",
    "nicht",
    "kein",
    "keine",
    "pas",
    "sans",
    "without",
    "ohne",
)
YES_WORDS = (
    *("true", "yes", "y", "t", "1", "x", "ja", "j", "oui", "o", "si", "sí", "s", "sim", "wahr"),
    *("vrai", "verdadero", "verdadeiro", "vero", "waar"),
)
NO_WORDS = (
    *("false", "no", "n", "f", "0", "nein", "non", "não", "nao", "nee", "falsch", "faux", "falso"),
    *("onwaar", "-"),
)
REFUND_HEADERS = (
    *("refund", "refunded", "refunds", "returned", "erstattet", "erstattung", "ruckerstattung"),
    *("rembourse", "remboursement", "reembolso", "reembolsado", "rimborso", "rimborsato"),
    *("terugbetaald", "terugbetaling", "reversed"),
)


def types_of_returns(rows: Rows) -> Iterator[Question]:
    """Ask about types whose money would not count, such as credit memos."""
    column = rows.roles.get("interaction_type")
    if not column or "purchase" not in rows.types.values():
        return
    for text, uses in column.top_values:
        kind = rows.types.get(text.casefold(), "")
        is_known = kind in ("", "purchase", "return") or normalized(text) in LOOKING_WORDS
        # A rare spelling is probably a typing error, which another question covers.
        if is_known or uses < RARE * column.filled:
            continue
        is_type = f"lower({cell(column)}) = lower({literal(text)})"
        count, total, low, high = rows.select(
            "select count(*), coalesce(sum(money), 0), coalesce(min(money), 0),"
            f" coalesce(max(money), 0) from used_rows where {is_type}"
        )[0]
        if low == high == 0:
            continue
        sales = rows.total()
        yield Question(
            f"{rows_word(count)} of type '{text}' in '{column.name}' have amounts of "
            f"{money(total)}: do they subtract revenue, like a credit memo or refund, add "
            f"revenue, or neither? Without them it is {money(sales)}.",
            (
                Answer(
                    f"they subtract revenue: {money(sales - _absolute(rows, is_type))}",
                    _type_setting(kind, text, "return"),
                ),
                Answer(
                    f"they add revenue: {money(sales + total)}",
                    _type_setting(kind, text, "purchase"),
                ),
                accepted("types_of_returns", f"neither: {money(sales)}"),
            ),
            AT,
            "types_of_returns",
            int(count),
        )


def _absolute(rows: Rows, condition: str) -> float:
    query = f"select coalesce(sum(abs(money)), 0) from used_rows where {condition}"
    return float(rows.select(query)[0][0])


def _type_setting(kind: str, text: str, name: str) -> tuple[tuple[tuple[str, ...], object], ...]:
    return ((("interaction_types", kind), None), (("interaction_types", name), [text]))


def states_of_returns(rows: Rows) -> Iterator[Question]:
    """Ask about a column with the status of an order, such as `retourniert`, if its rows have
    amounts.
    """
    for column in rows.table.columns:
        is_type = column is rows.roles.get("interaction_type")
        if is_type or column.name == rows.sign or not is_short_list(column):
            continue
        texts = [text for text, _ in column.top_values]
        cancelled = [text for text in texts if _says(text, column, CANCELLED_WORDS)]
        returned = [
            text
            for text in texts
            if text not in cancelled and is_state(column) and _says(text, column, RETURNED_WORDS)
        ]
        # If refunds have a column of their own, another question covers them.
        returned = [] if _refund_column(rows) else returned
        for values, reason in ((cancelled, "cancelled"), (returned, "returned")):
            if values and len(values) < column.distinct:
                yield from _state(rows, column, values, reason)
    for column, values, reason in _flags(rows):
        yield from _state(rows, column, values, reason)


def is_state(column: Column) -> bool:
    """Return whether a column has the status of orders.

    Credit is also a way of paying: only a status says that an order was returned.
    """
    return sounds_like(column.name, STATE_HEADERS)


def _says(text: str, column: Column, words: tuple[str, ...]) -> bool:
    """Return whether a value is one of some words or, as a status, contains one: `wc-refunded`."""
    name = normalized(text)
    if name in words:
        return True
    if not is_state(column) or has_word(name, NOT_WORDS):
        return False
    return any(len(word) >= LONG_WORD and f" {word} " in f" {name} " for word in words)


def _flags(rows: Rows) -> Iterator[tuple[Column, list[str], str]]:
    """Yield yes-or-no columns for cancelled or returned, with their spellings of yes."""
    for column in rows.table.columns:
        texts = [text for text, _ in column.top_values]
        yes = [text for text in texts if text.strip().casefold() in YES_WORDS]
        no = [text for text in texts if text.strip().casefold() in NO_WORDS]
        blank = rows.table.rows - column.filled
        if column.name in rows.used or column.name == rows.sign or column.distinct > FLAG_VALUES:
            continue
        if not yes or len(yes) + len(no) < len(texts) or not (no or blank):
            continue
        for words, reason in ((CANCELLED_WORDS, "cancelled"), (RETURNED_WORDS, "returned")):
            if _header_says(column.name, words):
                yield column, yes, reason
                break


def _header_says(header: str, words: tuple[str, ...]) -> bool:
    """Return whether a header contains one of some words as a whole word: `is_refund`."""
    name = normalized(header)
    return any(len(word) >= LONG_WORD and f" {word} " in f" {name} " for word in words)


def fees_and_payouts(rows: Rows) -> Iterator[Question]:
    """Ask about rows of fees, taxes or payouts among the sales, as in marketplace reports."""
    found: list[tuple[int, Column, list[str]]] = []
    for column in rows.table.columns:
        if column.name in rows.used or not is_short_list(column):
            continue
        texts = [text for text, _ in column.top_values]
        fees = [text for text in texts if has_word(normalized(text), FEE_WORDS)]
        if fees and len(fees) < len(texts) and has_word(normalized(column.name), FEE_HEADERS):
            count = rows.count(f"is_sale and money <> 0 and {cell(column)} in {literals(fees)}")
            found.append((count, column, fees))
    if not found:
        return
    count, column, fees = max(found, key=lambda item: item[0])
    if not count:
        return
    plain, rest = rows.total(), rows.total(f"not ({cell(column)} in {literals(fees)})")
    shown = ", ".join(fees[:VALUES_SHOWN]) + (" ..." if len(fees) > VALUES_SHOWN else "")
    yield Question(
        f"'{column.name}' is {shown} in {rows_word(count)} with amounts of {money(plain - rest)}: "
        "are these fees, taxes or payouts rather than sales? The total is "
        f"{money(plain)} with them and {money(rest)} without them.",
        (
            leave_out(column, fees, "no_sale", f"leave them out: {money(rest)}"),
            accepted("fees_and_payouts", f"they count like other rows: {money(plain)}"),
        ),
        AT,
        "fees_and_payouts",
        count,
    )


def refunded_amounts(rows: Rows) -> Iterator[Question]:
    """Ask about a column with the refunded part of the amount in the same row."""
    column = _refund_column(rows)
    if not column or len(rows.amounts) != 1:
        return
    amount, number = rows.amounts[0], number_sql(column)
    count, back = rows.select(
        f"select count(*), coalesce(sum(abs({number})), 0) from used_rows"
        f" where is_sale and money is not null and {number} <> 0"
    )[0]
    if not count:
        return
    plain = rows.total()
    yield Question(
        f"'{column.name}' has {money(back)} in {rows_word(count)} beside '{amount.name}': is that "
        f"the refunded part of it? The total is {money(plain)}, or {money(plain - back)} less "
        "refunds.",
        (
            Answer(
                f"subtract it: {money(plain - back)}",
                (((*AT, "columns", "amount"), {"in": amount.name, "out": column.name}),),
            ),
            accepted("refunded_amounts", f"no, the amount stays as it is: {money(plain)}"),
        ),
        AT,
        "refunded_amounts",
        int(count),
    )


def _refund_column(rows: Rows) -> Column | None:
    """Return the column of refunds that the mapping names, or one with such a header."""
    if "amount_out" in rows.roles:
        return rows.roles["amount_out"]
    taken = (*rows.roles.values(), *rows.amounts)
    for column in rows.table.columns:
        named = has_word(normalized(column.name), REFUND_HEADERS)
        if named and column.number_share >= MOSTLY and column not in taken:
            return column
    return None


def _state(rows: Rows, column: Column, values: list[str], reason: str) -> Iterator[Question]:
    marked = f"{cell(column)} in {literals(values)}"
    count, total, high = rows.select(
        "select count(*), coalesce(sum(money), 0), coalesce(max(money), 0) from used_rows"
        f" where is_sale and {marked}"
    )[0]
    if high <= 0:
        return
    plain = rows.total()
    yield Question(
        f"'{column.name}' is {' or '.join(values)} in {rows_word(count)} with amounts of "
        f"{money(total)}: should they be left out? The total is {money(plain)} with them, "
        f"{money(plain - total)} without them and {money(plain - 2 * total)} if they are "
        "subtracted.",
        (
            leave_out(column, values, reason, f"leave them out: {money(plain - total)}"),
            subtract(column, values, f"subtract them: {money(plain - 2 * total)}"),
            accepted("states_of_returns", f"they count like other rows: {money(plain)}"),
        ),
        AT,
        "states_of_returns",
        int(count),
    )
