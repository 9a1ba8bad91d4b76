"""Detect the sign of an amount: money received, paid out or paid back."""

from __future__ import annotations

import re
from collections.abc import Iterator

from topheavy.draft.amounts import number_sql
from topheavy.draft.columns import Column
from topheavy.draft.interaction_rows import (
    AT,
    Rows,
    accepted,
    cell,
    leave_out,
    literal,
    literals,
    money,
    rows_word,
)
from topheavy.draft.questions import Answer, Question
from topheavy.draft.roles import MOSTLY, RARE, is_short_list
from topheavy.mapping.name_hints import (
    CANCELLED_WORDS,
    FEE_WORDS,
    IN_WORDS,
    LOOKING_WORDS,
    OUT_WORDS,
    RETURNED_WORDS,
    STATE_HEADERS,
    has_word,
    normalized,
    sounds_like,
)

# A column of debits and credits has at most this many distinct values.
SIDES = 4
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
# Signs that can be in a column of their own.
OUT_SIGNS, IN_SIGNS = ("-", "-1"), ("+", "1", "+1")
DASHES = "[-\u2010-\u2015\u2212]"
# At most this share of the rows with an amount in one of two columns has an amount in both.
BOTH = 0.02


def debit_or_credit(rows: Rows) -> Iterator[Question]:
    """Ask about a column that says debit or credit beside an amount without a sign."""
    for column in rows.table.columns:
        if column.name in rows.used or not 1 < column.distinct <= SIDES:
            continue
        texts = [text for text, _ in column.top_values]
        out = [text for text in texts if _side(text) in (*OUT_WORDS, *OUT_SIGNS)]
        into = [text for text in texts if _side(text) in (*IN_WORDS, *IN_SIGNS)]
        if not out or not into or len(out) + len(into) < len(texts) - 1:
            continue
        if rows.roles.get("interaction_type") is column and _splits(rows, out, into):
            continue
        inside, outside = (f"{cell(column)} in {literals(side)}" for side in (into, out))
        if _is_signed(rows, inside, outside):
            continue
        plain = rows.total()
        less_out = plain - 2 * rows.total(f"{outside} and money > 0")
        less_in = plain - 2 * rows.total(f"{inside} and money > 0")
        sides = f"{'/'.join(out)} and {'/'.join(into)}"
        yield Question(
            f"'{column.name}' says {sides}, debit or credit, in {rows_word(rows.count(outside))} "
            f"and {rows_word(rows.count(inside))}, and {rows.money_name} has no sign: "
            f"which of them is subtracted? The sum of all amounts is {money(plain)}.",
            (
                _sign(column, out, f"{'/'.join(out)} is subtracted: {money(less_out)}"),
                _sign(column, into, f"{'/'.join(into)} is subtracted: {money(less_in)}"),
                leave_out(
                    column,
                    out,
                    "other_side",
                    f"{'/'.join(out)} is left out: {money(rows.total(f'not ({outside})'))}",
                ),
                accepted("debit_or_credit", f"all of it adds up: {money(plain)}"),
            ),
            AT,
            "debit_or_credit",
            rows.count(outside),
        )
        return


def _side(text: str) -> str:
    """Return what a cell says about the side: its words, or its sign if it has no letters."""
    letters = any(letter.isalpha() for letter in text)
    return normalized(text) if letters else re.sub(f"^{DASHES}", "-", text.strip())


def _splits(rows: Rows, out: list[str], into: list[str]) -> bool:
    """Return whether the interaction types of the mapping already separate the two sides."""
    types = [{rows.types.get(text.casefold(), "") for text in side} for side in (out, into)]
    return types[0].isdisjoint(types[1]) and "return" in types[0] | types[1]


def _is_signed(rows: Rows, inside: str, outside: str) -> bool:
    """Return whether the amounts of one side are negative and those of the other positive."""
    low_in, high_in, low_out, high_out = rows.select(
        f"select min(money) filter ({inside}), max(money) filter ({inside}),"
        f" min(money) filter ({outside}), max(money) filter ({outside}) from used_rows"
    )[0]
    if None in (low_in, low_out):
        return True
    return bool((low_in >= 0 and high_out <= 0) or (low_out >= 0 and high_in <= 0))


def _sign(column: Column, values: list[str], words: str) -> Answer:
    return Answer(words, (((*AT, "sign"), {"column": column.name, "negative": values}),))


def money_in_and_out(rows: Rows) -> Iterator[Question]:
    """Ask about two columns of amounts, money in and money out, of which each row fills one."""
    if "amount_out" in rows.roles:
        return
    numbers = [
        column
        for column in rows.table.columns
        if column.number_share >= MOSTLY and column.name not in rows.used
    ]
    into = [column for column in numbers if sounds_like_side(column.name, IN_WORDS)]
    out = [column for column in numbers if sounds_like_side(column.name, OUT_WORDS)]
    for inside in into:
        for outside in out:
            possible = _possible(rows, into, out)
            if inside is outside or not (inside in possible or outside in possible):
                continue
            question = _two_sides(rows, inside, outside)
            if question:
                yield question
                return


def _possible(rows: Rows, into: list[Column], out: list[Column]) -> list[Column]:
    """Return the amounts of the mapping; if a draft has found none, the columns of both sides."""
    return list(rows.amounts) or [*into, *out]


def sounds_like_side(header: str, words: tuple[str, ...]) -> bool:
    """Return whether a header is one of the words, or contains one with several letters
    as a word.
    """
    name = normalized(header)
    return name in words or any(
        len(word) > 1 and f" {word} " in f" {name} " for word in words if word not in ("in", "out")
    )


def _two_sides(rows: Rows, inside: Column, outside: Column) -> Question | None:
    into, out = number_sql(inside), number_sql(outside)
    either, both, total_in, total_out = rows.select(
        f"select count(*) filter (has_in or has_out), count(*) filter (has_in and has_out),"
        f" coalesce(sum(a), 0), coalesce(sum(abs(b)), 0) from (select {into} as a, {out} as b,"
        f" coalesce({into}, 0) <> 0 as has_in, coalesce({out}, 0) <> 0 as has_out"
        f" from {rows.table.key})"
    )[0]
    if not either or both > BOTH * either or not total_in or not total_out:
        return None
    amount = (*AT, "columns", "amount")
    one = "; other rows are left out"
    return Question(
        f"two columns have amounts: '{inside.name}' for money received, {money(total_in)}, and "
        f"'{outside.name}' for money paid out, {money(total_out)}, like debit and credit; each row "
        f"has one of them. Which counts? The difference is {money(total_in - total_out)}.",
        (
            Answer(
                f"the difference: {money(total_in - total_out)}",
                ((amount, {"in": inside.name, "out": outside.name}),),
            ),
            _one_side(inside, f"only money received: {money(total_in)}{one}"),
            _one_side(
                outside,
                f"only money paid out: {money(total_out)}{one}",
                is_negative=rows.count(f"{out} < 0") > 0,
            ),
        ),
        AT,
        "money_in_and_out",
        int(either),
    )


def _one_side(column: Column, words: str, *, is_negative: bool = False) -> Answer:
    rule = {"column": column.name, "values": [""], "reason": "other_side"}
    settings: list[tuple[tuple[str, ...], object]] = [
        ((*AT, "columns", "amount"), column.name),
        ((*AT, "leave_out"), [rule]),
        ((*AT, "accepted"), ["money_in_and_out"]),
    ]
    if is_negative:
        settings.append(((*AT, "sign"), "reversed"))
    return Answer(words, tuple(settings))


def amounts_below_zero(rows: Rows) -> Iterator[Question]:
    """Ask whether to reverse the sign if most amounts are negative, as spending often is."""
    below, above = rows.select(
        "select count(*) filter (money < 0), count(*) filter (money > 0) from used_rows"
        " where is_sale"
    )[0]
    if below <= above:
        return
    total = rows.total()
    share = "all" if not above else f"{below:,} of {below + above:,}"
    yield Question(
        f"{share} amounts are negative ({rows.money_name} is {money(total)} in total), "
        "and values below zero are not measured. Should the sign be reversed, so that "
        "spending counts?",
        (
            Answer(
                f"reverse the sign: {money(-total)}",
                (((*AT, "sign"), "reversed"),),
            ),
            Answer(
                f"keep it as it is: {money(total)}",
                (((*AT, "sign"), "as_written"), ((*AT, "accepted"), ["amounts_below_zero"])),
            ),
        ),
        AT,
        "amounts_below_zero",
        int(below),
    )


# ---- types and states of rows that take revenue back -----------------------------------------


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
        if column.name in rows.used or column.name == rows.sign or column.distinct > SIDES:
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
            _sign(column, values, f"subtract them: {money(plain - 2 * total)}"),
            accepted("states_of_returns", f"they count like other rows: {money(plain)}"),
        ),
        AT,
        "states_of_returns",
        int(count),
    )
