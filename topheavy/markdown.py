"""Write texts, lists and tables as Markdown in which data can never act as markup."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from topheavy.visible import readable

# Characters with a meaning in Markdown at any position. A mention would notify somebody, a number
# sign would link to an issue, and an address would become a link: these characters are written as
# character references, which readers do not see.
SPECIAL = re.compile(r"[\\`*_\[\]|~$]")
CODED = re.compile(r"[<>&@#]|:(?=//)|(?<=www)\.", re.IGNORECASE)
# Characters with a meaning only at the beginning of a line: lists and underlined headings.
FIRST = re.compile(r"^(?:[-+](?=[-\s]|$)|=(?==*$)|\d+(?=[.)](?:\s|$)))")


def escaped(text: str) -> str:
    """Return a text from the data as one line of readable length, without any markup."""
    line = CODED.sub(lambda found: f"&#{ord(found[0])};", readable(text).strip())
    line = SPECIAL.sub(lambda found: f"\\{found[0]}", line)
    return FIRST.sub(first_as_text, line)


def first_as_text(found: re.Match[str]) -> str:
    """Escape a sign with a backslash, and a digit as a character reference."""
    first, rest = found[0][0], found[0][1:]
    return f"&#{ord(first)};{rest}" if first.isdecimal() else f"\\{first}"


def bullets(lines: Iterable[str]) -> str:
    return "".join(f"- {escaped(line)}\n" for line in lines)


def table(head: Sequence[str], rows: Iterable[Sequence[str]], right: Sequence[int] = ()) -> str:
    """Return a table; the columns at the positions in `right` contain numbers."""
    rules = ["---:" if place in right else "---" for place in range(len(head))]
    lines = [list(head), rules, *([escaped(cell) for cell in row] for row in rows)]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)
