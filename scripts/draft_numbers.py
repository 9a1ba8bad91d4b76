"""How the numbers of a draft are written, and which the build would not read, or in two ways.

Usage:
    from draft_numbers import number_lines
"""

from __future__ import annotations

import re
from collections.abc import Iterable

import duckdb

from draft_roles import NUMBER_ROLES, Block
from file_profiles import Column, Table, amount_sql, decimal_mark
from questions import MARK, Answer, Line, Question

CREDIT = re.compile(r"\d\s*cr\.?$", re.IGNORECASE)
DEBIT = re.compile(r"\d\s*d[rb]\.?$", re.IGNORECASE)
NUMBER_TROUBLES = {
    "^[-\u2010-\u2015\u2212]{2}": "two minus signs",
    r"(?i)\d\s*(mm?|b|t|mill?|billions?)\b": "a scale word of several meanings",
    r"\d\s*[-\u2013]\s*\d": "a range",
    r"%$": "percent",
}


def number_lines(block: Block, database: duckdb.DuckDBPyConnection) -> list[Line]:
    """The decimal mark where it is not the usual one, and what of the numbers is unclear."""
    picks = [found for role, found in block.picks.items() if role in NUMBER_ROLES]
    numbers = [found.column for found in [*picks, *block.rivals.get("amount", [])]]
    mark, reason = decimal_mark(numbers)
    lines: list[Line] = [f'decimal: ","  # {reason}'] if mark == "," else []
    if reason.startswith("three digits"):
        other = {",": ".", ".": ","}[mark]
        decimals = Answer("decimals", (((block.name, "decimal"), other),))
        text = f"{reason}: are they thousands, as this draft has it?"
        lines.insert(0, Question(text, (Answer("thousands"), decimals), (block.name,)))
    doubt = _number_doubt(numbers, mark, block.table, database)
    if doubt:
        path = (block.name, "accepted")
        accepted = ((path, ["number_formats"]),) if block.name == "interactions" else ()
        each = "each number by itself, three digits are thousands"
        answers = (
            Answer(each, (((block.name, "decimal"), "either"),)),
            Answer("one format, three digits are decimals", accepted),
        )
        lines.append(Question(doubt, answers, (block.name,), "number_formats"))
    for column in numbers:
        count, texts = column.unread_by[mark]
        if count and not doubt and block.name == "interactions":
            lines.append(
                f"{MARK}{count:,} value{'s'[: count != 1]} of '{column.name}' "
                f"{'is' if count == 1 else 'are'} not one number, such as {_texts(texts)}"
                f"{_trouble(texts)}: the rows are rejected unless the file is corrected."
            )
        lines += _credit_lines(column)
    return lines


def _credit_lines(column: Column) -> list[Line]:
    """`Cr` without a `Dr` beside it may be credit, or the crore of India."""
    credits = [(text, uses) for text, uses in column.top_values if CREDIT.search(text)]
    if not credits or any(DEBIT.search(text) for text, _ in column.top_values):
        return []
    count = sum(uses for _, uses in credits)
    return [
        f"{MARK}{count:,} values of '{column.name}' end in Cr, such as '{credits[0][0]}': is "
        "that credit, which is subtracted, or crore, 10,000,000? For crore, remove the # below.",
        "# cr: crore",
    ]


def _number_doubt(
    columns: Iterable[Column], mark: str, table: Table, database: duckdb.DuckDBPyConnection
) -> str:
    """What speaks for two formats of numbers in one column, and both totals; empty if nothing."""
    for column in columns:
        marks = column.marks
        other = "commas" if mark == "." else "points"
        three = marks["either_points" if mark == "." else "either_commas"]
        ours = marks["points" if mark == "." else "commas"]
        name = {".": "point", ",": "comma"}[mark]
        if marks[other]:
            return (
                f"'{column.name}' has two formats of numbers: {ours:,} with a decimal {name}, "
                f"{marks[other]:,} with the other mark, such as {_texts(column.unread_by[mark][1])}"
                f"{_totals(column, mark, table, database)}"
            )
        has_long = marks["long_points" if mark == "." else "long_commas"]
        if 0 < three < ours and not has_long:
            example = next(
                (text for text, _ in column.top_values if re.search(r"\d[.,]\d{3}$", text)), ""
            )
            return (
                f"{three:,} numbers of '{column.name}' have three digits behind the {name}"
                f"{f', such as {example}' if example else ''}, {ours:,} have one or two: are those "
                f"three decimals, or thousands{_totals(column, mark, table, database)}?"
            )
    return ""


def _totals(column: Column, mark: str, table: Table, database: duckdb.DuckDBPyConnection) -> str:
    """What a column adds up to by one decimal mark, and with each number read by itself."""
    readings = (mark, "either")
    sums = ", ".join(f"sum({amount_sql(f'c{column.place}', reading)})" for reading in readings)
    one, each = database.execute(f"select {sums} from {table.key}").fetchall()[0]
    return f" (the total is {one or 0:,.2f} as one format, {each or 0:,.2f} as thousands)"


def _trouble(texts: Iterable[str]) -> str:
    """What is wrong with some texts that look like numbers."""
    found = [
        words
        for pattern, words in NUMBER_TROUBLES.items()
        if any(re.search(pattern, text) for text in texts)
    ]
    return f" ({', '.join(found)})" if found else ""


def _texts(texts: Iterable[str]) -> str:
    return ", ".join(f"'{text}'" for text in texts)
