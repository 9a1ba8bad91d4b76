"""Texts, lists and tables as Markdown in which nothing from the data is more than text."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from topheavy.visible import readable

# What Markdown reads as more than text wherever it stands. A mention would call somebody, a number
# sign lead to an issue and an address become a link: those have codes, which no reader sees.
SPECIAL = re.compile(r"[\\`*_\[\]|~$]")
CODED = re.compile(r"[<>&@#]|:(?=//)|(?<=www)\.", re.IGNORECASE)
# And what begins a list, or underlines a heading, where it comes first.
FIRST = re.compile(r"^(?:[-+](?=[-\s]|$)|=(?==*$)|\d+(?=[.)](?:\s|$)))")


def escaped(text: str) -> str:
    """A text from the data: one line of a length that people read, and nothing but text."""
    line = CODED.sub(lambda found: f"&#{ord(found[0])};", readable(text).strip())
    line = SPECIAL.sub(lambda found: f"\\{found[0]}", line)
    return FIRST.sub(first_as_text, line)


def first_as_text(found: re.Match[str]) -> str:
    """A sign with a backslash; a number with a code for its first digit."""
    first, rest = found[0][0], found[0][1:]
    return f"&#{ord(first)};{rest}" if first.isdecimal() else f"\\{first}"


def bullets(lines: Iterable[str]) -> str:
    return "".join(f"- {escaped(line)}\n" for line in lines)


def table(head: Sequence[str], rows: Iterable[Sequence[str]], right: Sequence[int] = ()) -> str:
    """A table; the columns at the places in `right` hold numbers."""
    rules = ["---:" if place in right else "---" for place in range(len(head))]
    lines = [list(head), rules, *([escaped(cell) for cell in row] for row in rows)]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)
