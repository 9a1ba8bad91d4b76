"""Write the number format of a draft, and ask about numbers that are unreadable or ambiguous.

Usage:
    from topheavy.draft.numbers import number_lines
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from topheavy.draft.columns import Column, decimal_mark
from topheavy.draft.questions import MARK, Answer, Line, Question
from topheavy.draft.roles import NUMBER_ROLES, Block

CREDIT = re.compile(r"\d\s*cr\.?$", re.IGNORECASE)
DEBIT = re.compile(r"\d\s*d[rb]\.?$", re.IGNORECASE)
NUMBER_TROUBLES = {
    "^[-\u2010-\u2015\u2212]{2}": "two minus signs",
    r"(?i)\d\s*(mm?|b|t|mill?|billions?)\b": "a scale word of several meanings",
    r"\d\s*[-\u2013]\s*\d": "a range",
    r"%$": "percent",
}


def number_lines(block: Block) -> list[Line]:
    """Return the decimal mark if it is not the default, and questions about unclear numbers."""
    picks = [found for role, found in block.picks.items() if role in NUMBER_ROLES]
    numbers = [found.column for found in [*picks, *block.rivals.get("amount", [])]]
    mark, reason = decimal_mark(numbers)
    lines: list[Line] = [f'decimal: ","  # {reason}'] if mark == "," else []
    if reason.startswith("three digits"):
        other = {",": ".", ".": ","}[mark]
        decimals = Answer("decimals", (((block.name, "decimal"), other),))
        text = f"{reason}: are they thousands, as this draft has it?"
        lines.insert(0, Question(text, (Answer("thousands"), decimals), (block.name,)))
    for column in numbers:
        count, texts = column.unread_by[mark]
        if count and not _has_other_mark(column) and block.name == "interactions":
            lines.append(
                f"{MARK}{count:,} value{'s'[: count != 1]} of '{column.name}' "
                f"{'is' if count == 1 else 'are'} not one number, such as {_texts(texts)}"
                f"{_trouble(texts)}: the rows are rejected unless the file is corrected."
            )
        lines += _credit_lines(column)
    return lines


def _credit_lines(column: Column) -> list[Line]:
    """Ask about `Cr` without `Dr`, which may mean credit or the Indian crore."""
    credits = [(text, uses) for text, uses in column.top_values if CREDIT.search(text)]
    if not credits or any(DEBIT.search(text) for text, _ in column.top_values):
        return []
    count = sum(uses for _, uses in credits)
    return [
        f"{MARK}{count:,} values of '{column.name}' end in Cr, such as '{credits[0][0]}': is "
        "that credit, which is subtracted, or crore, 10,000,000? For crore, remove the # below.",
        "# cr: crore",
    ]


def _has_other_mark(column: Column) -> bool:
    """Return whether the numbers have two formats, which another question covers."""
    return bool(column.marks["points"] and column.marks["commas"])


def _trouble(texts: Iterable[str]) -> str:
    """Describe what is wrong with texts that look like numbers."""
    found = [
        words
        for pattern, words in NUMBER_TROUBLES.items()
        if any(re.search(pattern, text) for text in texts)
    ]
    return f" ({', '.join(found)})" if found else ""


def _texts(texts: Iterable[str]) -> str:
    return ", ".join(f"'{text}'" for text in texts)
