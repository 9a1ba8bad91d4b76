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
    literals,
    money,
    rows_word,
    subtract,
)
from topheavy.draft.questions import Answer, Question
from topheavy.draft.roles import MOSTLY
from topheavy.mapping.name_hints import (
    IN_WORDS,
    OUT_WORDS,
    normalized,
)

# A column of debits and credits has at most this many distinct values.
SIDES = 4
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
                subtract(column, out, f"{'/'.join(out)} is subtracted: {money(less_out)}"),
                subtract(column, into, f"{'/'.join(into)} is subtracted: {money(less_in)}"),
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


def money_in_and_out(rows: Rows) -> Iterator[Question]:
    """Ask about two columns of amounts, money in and money out; each row fills one of them."""
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
